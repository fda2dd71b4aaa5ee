// snippet
#include <strata/strata.hpp>

#include <iostream>

int main()
{
    using namespace strata;
    using namespace std::chrono_literals;

    stack cache{Memory<>{.max_entries = 1000, .ttl = 10min}, Prefix{"session."}, Stats{}};
    cache.put("alice", "token");
    if (auto found = cache.get("alice")) std::cout << *found << '\n';
    std::cout << cache.describe() << ": hit rate " << cache.layer<Stats>().hit_rate() << '\n';
}
// end of snippet
