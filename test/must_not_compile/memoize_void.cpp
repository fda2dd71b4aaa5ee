// must say: strata: memoize: a function without a result leaves nothing to keep
#include <strata/strata.hpp>

strata::stack<strata::Memory<>> cache;

#ifdef GOOD
std::string work(int);
#else
void work(int);
#endif

auto const cached = strata::memoize(cache, "work.", work);
