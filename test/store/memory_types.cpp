#define BOOST_TEST_MODULE store_memory_types
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/sieve.hpp>
#include <strata/store/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

using namespace strata;
using namespace std::chrono_literals;

namespace {

template <class Threads> void counts()
{
    using Cache = Memory<std::uint64_t, std::uint64_t, Sieve, Threads>;
    constexpr std::size_t entries = 50000;
    ManualClock clock;
    stack<Cache> cache{Cache{.max_entries = entries, .clock = clock}};
    auto const now = [&] { return cache.template layer<Cache>().statistics(); };
    auto const empty = now();
    BOOST_TEST(empty.entries == 0u);
    BOOST_TEST(empty.lifetime_bytes == 0u);

    for (std::uint64_t i = 0; i < entries + 1000; ++i) BOOST_REQUIRE(cache.put(i, i));
    auto const full = now();
    BOOST_TEST(full.entries == entries);
    BOOST_TEST(full.evicted == 1000u);
    BOOST_TEST(full.expired == 0u);
    BOOST_TEST(full.weight == 0u); // there is no max_bytes
    BOOST_TEST(full.lifetime_bytes == 0u);
    BOOST_TEST(full.entry_bytes >= entries * 2 * sizeof(std::uint64_t));
    BOOST_TEST(full.index_bytes >= entries * 5); // a slot and a byte of the hash
    BOOST_TEST(full.order_bytes >= entries * 4);
    BOOST_TEST(full.bytes() == full.entry_bytes + full.index_bytes + full.order_bytes + full.lifetime_bytes);

    BOOST_REQUIRE(cache.put(1u, std::uint64_t{1}, 1ms));
    auto const with_end = now();
    BOOST_TEST(with_end.lifetime_bytes > 0u);
    clock.advance(1ms);
    cache.template layer<Cache>().remove_expired();
    BOOST_TEST(now().expired == 1u);
    BOOST_TEST(now().entries == entries - 1);

    BOOST_REQUIRE(cache.clear());
    auto const cleared = now();
    BOOST_TEST(cleared.entries == 0u);
    BOOST_TEST(cleared.bytes() < full.bytes() / 10);
    BOOST_TEST(cleared.evicted == with_end.evicted); // since the store was made
}

} // namespace

BOOST_AUTO_TEST_CASE(statistics_count_one_table) { counts<OneThread>(); }

BOOST_AUTO_TEST_CASE(statistics_count_all_shards) { counts<Sharded>(); }

BOOST_AUTO_TEST_CASE(an_entry_costs_little_beside_itself)
{
    using Cache = Memory<std::uint64_t, std::uint64_t, Sieve>;
    constexpr std::size_t entries = 100000;
    stack<Cache> cache{Cache{.max_entries = entries}};
    for (std::uint64_t i = 0; i < 2 * entries; ++i) BOOST_REQUIRE(cache.put(i, i));
    auto const memory = cache.layer<Cache>().statistics();
    BOOST_TEST(memory.bytes() < entries * (2 * sizeof(std::uint64_t) + 20));
}

BOOST_AUTO_TEST_CASE(an_eviction_that_spares_memory_has_a_smaller_index)
{
    auto const index_of = [](auto policy) {
        constexpr std::size_t entries = 100000;
        policy.max_entries = entries;
        stack<decltype(policy)> cache{policy};
        for (std::uint64_t i = 0; i < 2 * entries; ++i) BOOST_REQUIRE(cache.put(i, i));
        for (std::uint64_t i = 0; i < 2 * entries; ++i) BOOST_REQUIRE(cache.get(i).hit() == cache.contains(i).hit());
        return static_cast<double>(cache.template layer<decltype(policy)>().statistics().index_bytes) / entries;
    };
    auto const sparing = index_of(Memory<std::uint64_t, std::uint64_t, Sieve>{});
    BOOST_TEST(sparing < 6);
    auto const roomy = index_of(Memory<std::uint64_t, std::uint64_t>{});
    BOOST_TEST(roomy > sparing);
    BOOST_TEST(roomy < 7);
}

BOOST_AUTO_TEST_CASE(long_strings_count_where_they_lie)
{
    stack<Memory<>> cache;
    BOOST_REQUIRE(cache.put("short", "s"));
    auto const before = cache.layer<Memory<>>().statistics().entry_bytes;
    BOOST_REQUIRE(cache.put("long", std::string(100000, 'l')));
    BOOST_TEST(cache.layer<Memory<>>().statistics().entry_bytes >= before + 100000);
    BOOST_REQUIRE(cache.erase("long"));
    BOOST_TEST(cache.layer<Memory<>>().statistics().entry_bytes < before + 100000);
}

namespace {

/// Strings grow longer and longer, always as many as there is room for.
template <class Threads> void grow_longer(std::size_t entries, std::size_t bytes)
{
    using Cache = Memory<std::string, std::string, AdaptiveS3Fifo, Threads>;
    stack<Cache> cache{Cache{.max_entries = entries, .max_bytes = bytes}};
    int key = 0;
    for (std::size_t const size : {4u, 20u, 40u, 60u, 80u, 100u, 120u, 150u, 180u, 210u, 240u}) {
        for (int i = 0; i < 20'000; ++i) BOOST_REQUIRE(cache.put(std::to_string(key++), std::string(size, 'x')));
        auto const has = cache.template layer<Cache>().statistics();
        BOOST_TEST(has.entry_bytes < has.entries * (size + 40) * 2 + 1'000'000);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(places_of_short_strings_serve_longer_ones)
{
    grow_longer<OneThread>(10'000, 0);
    grow_longer<OneThread>(0, 1'000'000);
    grow_longer<Sharded>(10'000, 0);
    grow_longer<Sharded>(0, 1'000'000);
}

namespace {

/// All memory of a store that is full of strings of all lengths, as a multiple of its bound.
template <class Threads> double taken_by_all_lengths(std::size_t bytes)
{
    using Cache = Memory<std::string, std::string, AdaptiveS3Fifo, Threads>;
    stack<Cache> cache{Cache{.max_bytes = bytes}};
    detail::random_bits random;
    for (std::size_t i = 0; i < 3 * bytes / 150; ++i) {
        BOOST_REQUIRE(cache.put(std::to_string(i), std::string(random.below(265), 'x')));
    }
    return static_cast<double>(cache.template layer<Cache>().statistics().bytes()) / static_cast<double>(bytes);
}

} // namespace

BOOST_AUTO_TEST_CASE(all_memory_of_a_small_store_is_about_its_bound_of_bytes)
{
    BOOST_TEST(taken_by_all_lengths<OneThread>(100'000) < 1.6);
    BOOST_TEST(taken_by_all_lengths<OneThread>(1'000'000) < 1.3);
    BOOST_TEST(taken_by_all_lengths<OneThread>(10'000'000) < 1.3);
    BOOST_TEST(taken_by_all_lengths<Sharded>(100'000) < 2.5);
    BOOST_TEST(taken_by_all_lengths<Sharded>(1'000'000) < 2);
    BOOST_TEST(taken_by_all_lengths<Sharded>(10'000'000) < 1.5);
}

BOOST_AUTO_TEST_CASE(lengths_that_change_take_no_more_than_documented)
{
    constexpr std::size_t bytes = 2'000'000;
    using Cache = Memory<std::string, std::string>;
    detail::random_bits random;
    for (std::size_t trial = 0; trial < 8; ++trial) {
        stack<Cache> cache{Cache{.max_bytes = bytes}};
        int key = 0;
        for (std::size_t phase = 0; phase < 16; ++phase) {
            auto const falling = phase < 15 ? 280 - phase * 20 : 300; // what the bound was measured with
            auto const length = trial == 0 ? falling : random.below(320);
            for (std::size_t put = 0; put < 2 * bytes; put += length + 40) {
                BOOST_REQUIRE(cache.put(std::to_string(key++), std::string(length + random.below(30), 'x')));
            }
            BOOST_REQUIRE(cache.layer<Cache>().statistics().bytes() < 7 * bytes / 2);
        }
    }
}
