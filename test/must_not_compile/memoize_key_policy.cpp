// must say: strata: memoize: the key policy cannot be called with the function's arguments
#include <strata/strata.hpp>

#include <string_view>

strata::stack<strata::Memory<std::string, long>> cache;

long work(int);

#ifdef GOOD
auto const cached = strata::memoize(cache, "work.", work, [](int x) { return x; });
#else
auto const cached = strata::memoize(cache, "work.", work, [](std::string_view x) { return x; });
#endif
