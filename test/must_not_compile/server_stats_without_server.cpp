// must say: strata: the store beneath does not know this operation
#include <strata/strata.hpp>

strata::stack<strata::Null>::with<strata::ServerStats> s;

double rate()
{
#ifdef GOOD
    return s.get("key") ? 1 : 0;
#else
    return s.layer<strata::ServerStats>().hit_rate();
#endif
}
