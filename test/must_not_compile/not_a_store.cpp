// must say: strata: stack<S>: S is not a store; a store has a member type `store`
#include <strata/strata.hpp>

#ifdef GOOD
strata::stack<strata::Null> s;
#else
strata::stack<strata::Stats> s;
#endif
