// must say: strata: values that can only be moved cannot be got, only visited where they lie: visit(key, f)
#include <strata/strata.hpp>

#include <memory>

strata::stack<strata::Memory<int, std::unique_ptr<int>>> cache;

int seen()
{
    int number = 0;
#ifdef GOOD
    static_cast<void>(cache.visit(1, [&](auto const& value) { number = *value; }));
#else
    if (auto const found = cache.get(1)) number = **found;
#endif
    return number;
}
