// must say: strata: this layer works on bytes, and what is beneath it takes objects
// must say: Serialize
#include <strata/format/raw.hpp>
#include <strata/layer/serialize.hpp>
#include <strata/strata.hpp>

#ifdef GOOD
using value = std::string;
#else
using value = int;
#endif

strata::stack<strata::Memory<std::string, value>>::with<strata::Serialize<strata::Raw>> s;
