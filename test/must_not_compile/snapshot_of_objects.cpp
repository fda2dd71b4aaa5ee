// must say: strata: a snapshot takes keys and values that are strings or trivially copyable
#include <strata/strata.hpp>

#include <memory>
#include <ostream>

#ifdef GOOD
using value = long;
#else
using value = std::unique_ptr<long>;
#endif
using Cache = strata::Memory<int, value>;

void save(strata::stack<Cache>& cache, std::ostream& out) { cache.layer<Cache>().save(out); }
