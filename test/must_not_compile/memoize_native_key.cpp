// must say: strata: memoize: the keys of this store are not text; give memoize a key policy that makes a key of the arguments
#include <strata/strata.hpp>

strata::stack<strata::Memory<int, long>> cache;

long work(int);

#ifdef GOOD
auto const cached = strata::memoize(cache, "", work, [](int x) { return x; });
#else
auto const cached = strata::memoize(cache, "", work);
#endif
