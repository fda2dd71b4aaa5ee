#pragma once

#include "order_model.hpp"

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/store/memory.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <set>

/// What is asked of evictions that are too rich for an exact model.
namespace test {

/// Hits among the requests for the keys `next(0)`, `next(1)`, … to a cache of so many entries.
template <class Eviction, class Next> double hit_rate(std::size_t entries, int requests, Next next)
{
    using Cache = strata::Memory<int, int, Eviction>;
    strata::stack<Cache> cache{Cache{.max_entries = entries}};
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

/// The order has exactly the entries that were inserted and neither removed nor evicted.
template <class Eviction> void keeps_what_was_inserted()
{
    typename Eviction::order order;
    strata::detail::random_bits random{1};
    std::set<strata::slot_number> there;
    std::set<strata::slot_number> kept; // removed, and not given back
    order.reserve(100);
    auto const hash_of = [](strata::slot_number slot) { return strata::detail::random_bits{slot}(); };
    auto const ended = [&](strata::slot_number slot, bool evicted) {
        BOOST_REQUIRE(there.erase(slot) == 1);
        kept.insert(slot);
        model::end_of_entry(order, slot, evicted, [&](strata::slot_number s) { BOOST_REQUIRE(kept.erase(s) == 1); });
    };
    for (int i = 0; i < 50000; ++i) {
        auto const slot = static_cast<strata::slot_number>(random.below(100));
        if (kept.contains(slot)) continue;
        if (there.contains(slot)) {
            if (random.below(10) == 0) {
                order.removed(slot);
                ended(slot, false);
            } else {
                order.used(slot, hash_of(slot));
            }
            continue;
        }
        order.reserve(100);
        if (there.size() == 60) ended(order.evict(hash_of), true);
        order.inserted(slot, hash_of(slot));
        there.insert(slot);
    }
    std::set<strata::slot_number> listed;
    order.for_each([&](strata::slot_number slot) { BOOST_REQUIRE(listed.insert(slot).second); });
    BOOST_TEST((listed == there));
    while (!there.empty()) ended(order.evict(hash_of), true);
}

/// Half of the requests are for 80 keys, half for keys that come once.
inline int scanned(int i)
{
    using strata::detail::random_bits;
    return i % 1000 < 500 ? static_cast<int>(random_bits{static_cast<std::uint64_t>(i)}.below(80)) : i;
}

/// Keys that are asked for a few times within a while, and never again.
inline int recent(int i)
{
    return i / 10 - static_cast<int>(strata::detail::random_bits{static_cast<std::uint64_t>(i)}.below(500));
}

} // namespace test
