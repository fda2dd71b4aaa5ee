// must say: strata: with<L>: L is not a layer; a layer has a member template `on<Next>`
#include <strata/strata.hpp>

#ifdef GOOD
strata::stack<strata::Null>::with<strata::Stats> s;
#else
strata::stack<strata::Null>::with<strata::Memory<>> s;
#endif
