// must say: strata: memoize: this is not a function, or has more than one signature; say which one, as in memoize<long(int)>
#include <strata/strata.hpp>

strata::stack<strata::Memory<std::string, long>> cache;

#ifdef GOOD
auto const cached = strata::memoize<long(int)>(cache, "work.", [](auto x) { return long{x}; });
#else
auto const cached = strata::memoize(cache, "work.", [](auto x) { return long{x}; });
#endif
