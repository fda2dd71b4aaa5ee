#define BOOST_TEST_MODULE store_memory_growth
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/eviction/sieve.hpp>
#include <strata/store/memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>

using namespace strata;

namespace {

/// A key that counts how often one is hashed: once when it is put, and once when its entry moves to another bucket.
struct counted {
    std::uint64_t number;

    friend bool operator==(counted const&, counted const&) = default;

    static inline std::size_t hashed = 0;
};

using evictions = std::tuple<AdaptiveS3Fifo, Lru, Sieve>;

} // namespace

template <> struct strata::key_hash<counted> {
    std::uint64_t operator()(counted key, hash_seed const& seed) const noexcept
    {
        ++counted::hashed;
        return detail::hash_word(key.number, seed);
    }
};

namespace {

/// Four buckets of fifteen with each entry that comes, and the hash of that.
constexpr std::size_t most = 61;

template <class Stack> std::size_t most_hashed(Stack& cache, std::uint64_t first, std::uint64_t end)
{
    std::size_t most_of_one = 0;
    for (auto key = first; key < end; ++key) {
        counted::hashed = 0;
        BOOST_REQUIRE(cache.put(counted{key}, 0));
        most_of_one = std::max(most_of_one, counted::hashed);
    }
    return most_of_one;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(no_put_moves_many_entries, Eviction, evictions)
{
    using Cache = Memory<counted, int, Eviction>;
    for (std::size_t const bound : {0u, 300'000u, 1'000'000u}) {
        stack<Cache> cache{Cache{.max_entries = bound}};
        BOOST_TEST(most_hashed(cache, 0, 300'000) <= most);
    }
}

BOOST_AUTO_TEST_CASE(nor_where_the_bound_rises_step_by_step)
{
    using Cache = Memory<counted, int>;
    stack<Cache> cache{Cache{.max_entries = 100'000}};
    std::uint64_t entries = 100'000;
    BOOST_TEST(most_hashed(cache, 0, entries) <= most);
    for (int step = 0; step < 100; ++step) {
        cache.layer<Cache>().resize(entries + 500);
        BOOST_REQUIRE(most_hashed(cache, entries, entries + 500) <= most);
        entries += 500;
    }
    BOOST_TEST(*cache.size() == entries);
}
