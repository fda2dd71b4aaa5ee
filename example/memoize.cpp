/// Memoized functions.

#include <strata/strata.hpp>

using namespace strata;

namespace {

// snippet
stack<Memory<>>::with<Serialize<Binary>> cache;

STRATA_MEMOIZE(cache, long, fib, (int n))
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
// end of snippet

} // namespace

int main() { return fib(90) == 2880067194370816120L && fib.contains(90) && fib.key(90) == "fib.[90]" ? 0 : 1; }
