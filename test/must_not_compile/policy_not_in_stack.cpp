// must say: strata: this policy was given to a stack that does not have it
// must say: strata::Prefix
#include <strata/strata.hpp>

#ifdef GOOD
using given = strata::Memory<>;
#else
using given = strata::Prefix;
#endif

strata::stack<strata::Memory<>>::with<strata::Stats> s{given{}};
