// must say: strata: Memory: this is not an eviction; see eviction/eviction.hpp
#include <strata/strata.hpp>

#ifdef GOOD
using chosen = strata::Lru;
#else
using chosen = strata::Sharded;
#endif

strata::Memory<int, int, chosen> settings;
