#define BOOST_TEST_MODULE store_key_hash
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/store/detail/memory_index.hpp>
#include <strata/store/key_hash.hpp>
#include <strata/store/memory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;

namespace {

/// A number that counts how often it is compared, and tells which seeds it is hashed with.
struct counted {
    std::uint64_t number;

    friend bool operator==(counted a, counted b) noexcept
    {
        ++comparisons;
        return a.number == b.number;
    }
    static inline std::size_t comparisons = 0;
    static inline std::set<std::pair<std::uint64_t, std::uint64_t>> seeds;
};

enum class kind : std::uint8_t { a = 65 };
enum class wide : detail::wide_product {};

constexpr hash_seed guessed{1, 0x9E3779B97F4A7C15u};

template <class Key> std::uint64_t hashed(Key const& key, hash_seed const& seed) { return key_hash<Key>{}(key, seed); }

/// Comparisons for each search in an index of entries with these hashes.
double comparisons(std::vector<std::uint64_t> const& hashes)
{
    detail::bucket_table<3> table{hashes.size() * 4 / 45 + 1};
    for (std::size_t i = 0; i < hashes.size(); ++i) table.insert(hashes[i], static_cast<slot_number>(i));
    std::size_t compared = 0;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        auto const found = table.find(hashes[i], [&](slot_number slot) {
            ++compared;
            return slot == i;
        });
        BOOST_REQUIRE(found == i);
    }
    return static_cast<double>(compared) / static_cast<double>(hashes.size());
}

/// Keys whose hashes under the guessed seed share bucket and tag.
template <class Key, class Make> std::vector<Key> colliding(Make make)
{
    std::vector<Key> keys;
    for (std::uint64_t i = 0; keys.size() < 200; ++i) {
        auto key = make(i);
        auto const hash = hashed(key, guessed);
        if (hash >> 58 == 0 && (hash & 0xFF) == 77) keys.push_back(std::move(key));
    }
    return keys;
}

template <class Key> double comparisons(std::vector<Key> const& keys, hash_seed const& seed)
{
    std::vector<std::uint64_t> hashes;
    for (auto const& key : keys) hashes.push_back(hashed(key, seed));
    return comparisons(hashes);
}

template <class Key> void withstand(std::vector<Key> const& keys)
{
    BOOST_TEST(comparisons(keys, guessed) > 20); // who knows the seed can do it
    for (int i = 0; i < 5; ++i) BOOST_TEST(comparisons(keys, hash_seed::random()) < 1.5);
}

} // namespace

template <> struct strata::key_hash<counted> {
    std::uint64_t operator()(counted key, hash_seed const& seed) const noexcept
    {
        counted::seeds.insert({seed.first, seed.second});
        return detail::hash_word(key.number, seed);
    }
};

BOOST_AUTO_TEST_CASE(no_two_stores_hash_alike)
{
    counted::seeds.clear();
    for (int i = 0; i < 20; ++i) {
        stack<Memory<counted, int>> one;
        stack<Memory<counted, int, AdaptiveS3Fifo, Sharded>> other;
        BOOST_REQUIRE(one.put(counted{1}, 1));
        BOOST_REQUIRE(other.put(counted{1}, 1));
    }
    BOOST_TEST(counted::seeds.size() == 40u);
    std::set<std::uint64_t> hashes;
    for (auto const& [first, second] : counted::seeds) {
        BOOST_TEST((second & 1) == 1u); // never zero, which would make all hashes zero
        hashes.insert(detail::hash_bytes("key", {first, second}));
    }
    BOOST_TEST(hashes.size() == 40u);
}

BOOST_AUTO_TEST_CASE(keys_prepared_for_one_seed_spread_under_another)
{
    withstand(colliding<std::uint64_t>([](std::uint64_t i) { return i; }));
    withstand(colliding<std::string>([](std::uint64_t i) { return std::to_string(i); }));
    withstand(colliding<std::string>([](std::uint64_t i) { return "a longer text with number " + std::to_string(i); }));
}

/// What an unseeded hash, or the identity that `std::hash` is for integers, makes collide.
BOOST_AUTO_TEST_CASE(keys_with_a_pattern_cost_a_store_few_comparisons)
{
    constexpr std::uint64_t count = 5000;
    for (unsigned const shift : {0u, 8u, 20u, 32u, 44u, 50u}) {
        stack<Memory<counted, std::uint64_t>> cache;
        for (std::uint64_t i = 0; i < count; ++i) BOOST_REQUIRE(cache.put(counted{i << shift}, i));
        counted::comparisons = 0;
        for (std::uint64_t i = 0; i < count; ++i) BOOST_REQUIRE(cache.get(counted{i << shift}).value() == i);
        BOOST_TEST(counted::comparisons < 2 * count);
        counted::comparisons = 0;
        for (std::uint64_t i = count; i < 2 * count; ++i) BOOST_REQUIRE(cache.get(counted{i << shift}).miss());
        BOOST_TEST(counted::comparisons < count / 5); // a flood would take thousands each
    }
}

BOOST_AUTO_TEST_CASE(each_bit_and_the_size_of_a_text_count)
{
    auto const seed = hash_seed::random();
    std::set<std::uint64_t> all;
    std::size_t hashes = 0;
    for (std::size_t size = 0; size < 70; ++size) {
        std::string text(size, '\0');
        all.insert(detail::hash_bytes(text, seed));
        ++hashes;
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            auto const flip = [&] { text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8); };
            flip();
            all.insert(detail::hash_bytes(text, seed));
            ++hashes;
            flip();
        }
    }
    BOOST_TEST(all.size() == hashes);
}

/// All of a hash is used: its upper half for the bucket, bits from the middle for the shard, its last byte for the tag.
BOOST_AUTO_TEST_CASE(each_byte_of_a_hash_is_spread)
{
    auto const seed = hash_seed::random();
    auto const spread = [&](unsigned shift, auto const& key_of) {
        std::array<int, 256> cells{};
        for (std::uint64_t i = 0; i < 256 * 200; ++i) ++cells[hashed(key_of(i), seed) >> shift & 0xFF];
        // Eight standard deviations and more around 200.
        BOOST_TEST(*std::min_element(cells.begin(), cells.end()) > 70);
        BOOST_TEST(*std::max_element(cells.begin(), cells.end()) < 350);
    };
    for (unsigned shift = 0; shift < 64; shift += 8) {
        spread(shift, [](std::uint64_t i) { return i; });
        spread(shift, [](std::uint64_t i) { return i << 32; });
        spread(shift, [](std::uint64_t i) { return std::to_string(i); });
    }
}

BOOST_AUTO_TEST_CASE(types_of_keys)
{
    auto const seed = hash_seed::random();
    BOOST_TEST(hashed(kind::a, seed) == hashed(65, seed));
    auto const upper = detail::wide_product{1} << 100;
    BOOST_TEST(hashed(wide{5}, seed) != hashed(wide{5 | upper}, seed));
    BOOST_TEST(hashed(detail::wide_product{5}, seed) != hashed(5 | upper, seed));
    BOOST_TEST(hashed(std::string{"text"}, seed) == hashed(std::string_view{"text"}, seed));
    stack<Memory<std::pair<int, std::string>, int>> pairs; // by Boost's hash
    BOOST_REQUIRE(pairs.put(std::pair<int, std::string>{1, "a"}, 1));
    BOOST_TEST(pairs.get(std::pair<int, std::string>{1, "a"}).hit());
    BOOST_TEST(pairs.get(std::pair<int, std::string>{1, "b"}).miss());
    stack<Memory<double, int>> doubles; // by std::hash
    BOOST_REQUIRE(doubles.put(0.5, 1));
    BOOST_TEST(doubles.get(0.5).hit());
}
