#define BOOST_TEST_MODULE store_memory_threads
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/store/memory.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// Readers and writers on keys that all share: each value says by itself whether it is whole and its key's.
template <class Eviction> void hammer(std::size_t entries)
{
    using Cache = Memory<std::string, std::string, Eviction, Sharded>;
    stack<Cache> cache{Cache{.max_entries = entries, .ttl = 1h}};
    static_assert(stack<Cache>::concurrent);
    constexpr int threads = 4;
    std::atomic<int> wrong{0};
    std::atomic<int> hits{0};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            detail::random_bits random{static_cast<std::uint64_t>(t)};
            for (int i = 0; i < 20000; ++i) {
                auto const key = std::to_string(random.below(2000));
                auto const what = random.below(20);
                if (what == 0) {
                    static_cast<void>(cache.erase(key));
                } else if (what == 1) {
                    static_cast<void>(cache.touch(key, 1min));
                } else if (auto const found = cache.get(key)) {
                    ++hits;
                    if (found->size() % key.size() != 0 || !found->starts_with(key)) ++wrong;
                } else {
                    std::string value;
                    for (auto n = random.below(30) + 1; n > 0; --n) value += key;
                    if (!cache.put(key, value)) ++wrong;
                }
            }
        });
    }
    for (auto& thread : all) thread.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(hits > 0);
    BOOST_TEST(*cache.size() <= entries);
    std::size_t met = 0;
    cache.template layer<Cache>().for_each([&](auto, auto) { ++met; });
    BOOST_TEST(met == *cache.size());
}

} // namespace

BOOST_AUTO_TEST_CASE(hits_that_set_bits) { hammer<AdaptiveS3Fifo>(1000); }

BOOST_AUTO_TEST_CASE(hits_that_move_entries) { hammer<Lru>(1000); }

BOOST_AUTO_TEST_CASE(one_shard) { hammer<AdaptiveS3Fifo>(50); }

BOOST_AUTO_TEST_CASE(the_bound_holds_for_all_shards_together)
{
    using Cache = Memory<int, int, AdaptiveS3Fifo, Sharded>;
    stack<Cache> cache{Cache{.max_entries = 1000}};
    for (int i = 0; i < 10000; ++i) BOOST_REQUIRE(cache.put(i, i));
    BOOST_TEST(*cache.size() == 1000u);
    cache.layer<Cache>().resize(100);
    BOOST_TEST(*cache.size() == 100u);
}
