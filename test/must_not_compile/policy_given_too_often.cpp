// must say: strata: a policy was given more often than it stands in the stack
// must say: strata::Prefix
#include <strata/strata.hpp>

#ifdef GOOD
using both = strata::stack<strata::Memory<>>::with<strata::Prefix>::with<strata::Prefix>;
#else
using both = strata::stack<strata::Memory<>>::with<strata::Prefix>;
#endif

both s{strata::Prefix{"a"}, strata::Prefix{"b"}};
