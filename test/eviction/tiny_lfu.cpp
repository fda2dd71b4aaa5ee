#define BOOST_TEST_MODULE eviction_tiny_lfu
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/tiny_lfu.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/store/memory.hpp>

#include <set>

using namespace strata;

namespace {

template <class Eviction, class Next> double hit_rate(std::size_t entries, int requests, Next next)
{
    using Cache = Memory<int, int, Eviction>;
    stack<Cache> cache{Cache{.max_entries = entries}};
    int hits = 0;
    for (int i = 0; i < requests; ++i) {
        int const key = next(i);
        if (cache.get(key)) {
            ++hits;
        } else {
            static_cast<void>(cache.put(key, key));
        }
    }
    return static_cast<double>(hits) / requests;
}

} // namespace

BOOST_AUTO_TEST_CASE(keeps_what_the_model_keeps)
{
    TinyLfu::order order;
    detail::random_bits random{1};
    std::set<slot_number> there;
    order.reserve(100);
    auto const hash_of = [](slot_number slot) { return detail::random_bits{slot}(); };
    for (int i = 0; i < 50000; ++i) {
        auto const slot = static_cast<slot_number>(random.below(100));
        if (there.contains(slot)) {
            if (random.below(10) == 0) {
                order.removed(slot);
                there.erase(slot);
            } else {
                order.used(slot, hash_of(slot));
            }
            continue;
        }
        order.reserve(100);
        if (there.size() == 60) BOOST_REQUIRE(there.erase(order.evict(hash_of)) == 1);
        order.inserted(slot, hash_of(slot));
        there.insert(slot);
    }
    std::set<slot_number> listed;
    order.for_each([&](slot_number slot) { BOOST_REQUIRE(listed.insert(slot).second); });
    BOOST_TEST((listed == there));
    while (!there.empty()) BOOST_REQUIRE(there.erase(order.evict(hash_of)) == 1);
}

BOOST_AUTO_TEST_CASE(withstands_scans_that_flush_lru)
{
    auto const scanned = [](int i) {
        return i % 1000 < 500 ? static_cast<int>(detail::random_bits{static_cast<std::uint64_t>(i)}.below(80)) : i;
    };
    BOOST_TEST(hit_rate<TinyLfu>(100, 100000, scanned) > hit_rate<Lru>(100, 100000, scanned));
}

BOOST_AUTO_TEST_CASE(follows_recency_where_that_counts)
{
    auto const recent = [](int i) {
        return i / 10 - static_cast<int>(detail::random_bits{static_cast<std::uint64_t>(i)}.below(500));
    };
    BOOST_TEST(hit_rate<TinyLfu>(1000, 1600000, recent) > hit_rate<Lru>(1000, 1600000, recent) - 0.15);
}
