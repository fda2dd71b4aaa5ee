#include "cache.hpp"

void remember(Cache& cache, int n)
{
    if (!cache.put(n, n * n)) throw strata::missing{};
}
