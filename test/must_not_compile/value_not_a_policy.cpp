// must say: strata: this policy was given to a stack that does not have it
// must say: int
#include <strata/strata.hpp>

#ifdef GOOD
strata::stack<strata::Memory<>> s{strata::Memory<>{.max_entries = 7}};
#else
strata::stack<strata::Memory<>> s{7};
#endif
