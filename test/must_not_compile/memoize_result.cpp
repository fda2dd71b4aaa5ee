// must say: strata: memoize: this stack cannot hold the result of the function; with with<Serialize<Format>> it holds
#include <strata/strata.hpp>

#ifdef GOOD
strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Binary>> cache;
#else
strata::stack<strata::Memory<>> cache;
#endif

int work(int);

auto const cached = strata::memoize(cache, "work.", work);
