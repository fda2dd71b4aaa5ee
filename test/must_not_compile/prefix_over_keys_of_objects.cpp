// must say: strata: this layer changes keys of bytes, and the store beneath has a key type of its own
// must say: strata::Prefix
#include <strata/strata.hpp>

#ifdef GOOD
using key = std::string;
#else
using key = int;
#endif

strata::stack<strata::Memory<key, double>>::with<strata::Prefix> s{strata::Prefix{"p."}};
