#define BOOST_TEST_MODULE store_memory_snapshot
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <istream>
#include <sstream>
#include <string>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using Text = Memory<>;
using Numbers = Memory<int, int>;

std::string text(int n) { return std::string(static_cast<std::size_t>(n * 37 % 400), static_cast<char>('a' + n % 26)); }

template <class Cache> std::string saved(stack<Cache>& cache)
{
    std::ostringstream out;
    cache.template layer<Cache>().save(out);
    return out.str();
}
template <class Cache> std::error_code load(stack<Cache>& cache, std::string const& bytes)
{
    std::istringstream in{bytes};
    return cache.template layer<Cache>().load(in).error();
}

/// Of a `Memory<Key, Value>` with the entry 1, 2.
template <class Key, class Value> std::string snapshot_of()
{
    stack<Memory<Key, Value>> cache;
    BOOST_REQUIRE(cache.put(static_cast<Key>(1), static_cast<Value>(2)));
    return saved(cache);
}

enum class colour : std::uint64_t { none, red };

/// With the check that belongs to them: what was changed was changed on purpose.
std::string signed_again(std::string bytes)
{
    auto const check = detail::hash_bytes({bytes.data(), bytes.size() - 8}, detail::snapshot_seed);
    std::memcpy(bytes.data() + bytes.size() - 8, &check, 8);
    return bytes;
}

} // namespace

BOOST_AUTO_TEST_CASE(snapshots_keep_entries_order_and_lifetimes)
{
    ManualClock clock;
    using Cache = Memory<std::string, std::string, Lru>;
    stack<Cache> from{Cache{.clock = clock}};
    for (int i = 0; i < 100; ++i) {
        (void)from.put(std::to_string(i), text(i), i % 2 != 0 ? lifetime{1s} : lifetime{forever});
    }
    (void)from.get("0");
    clock.advance(400ms);
    std::stringstream file{saved(from)};

    stack<Cache> to{Cache{.max_entries = 100, .clock = clock}};
    BOOST_REQUIRE(to.layer<Cache>().load(file));
    BOOST_TEST(*to.size() == 100u);
    for (int i = 0; i < 100; ++i) {
        bool same = false;
        to.layer<Cache>().for_each([&](auto key, auto value) {
            same = same || (key == std::to_string(i) && value == text(i));
        });
        BOOST_REQUIRE(same);
    }
    (void)to.put("new", "");
    BOOST_TEST(to.contains("1").miss());
    BOOST_TEST(to.contains("0").hit());
    clock.advance(599ms);
    BOOST_TEST(to.contains("3").hit());
    clock.advance(1ms);
    BOOST_TEST(to.contains("3").miss());
}

BOOST_AUTO_TEST_CASE(damaged_and_foreign_snapshots_are_refused_whole)
{
    stack<Text> from;
    for (int i = 0; i < 5; ++i) (void)from.put(std::to_string(i), "value");
    auto const whole = saved(from);
    stack<Text> to;
    constexpr std::size_t header = 14 + 4 + 8 + 8;
    auto const loads = [&](std::string const& bytes) { return !load(to, bytes); };
    for (std::size_t size = 0; size < whole.size(); ++size) BOOST_REQUIRE(!loads(whole.substr(0, size)));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        BOOST_REQUIRE(!loads(flipped));
        // In a header that is whole nothing may be other; entries may be, but must not be read beyond the end.
        stack<Text> other;
        if (at < whole.size() - 8) BOOST_REQUIRE((load(other, signed_again(flipped)) == errc::corrupt || at >= header));
    }
    BOOST_TEST(!loads(whole + "x"));
    BOOST_TEST(*to.size() == 0u);
    stack<Numbers> numbers;
    BOOST_TEST((load(numbers, whole) == errc::corrupt));
    BOOST_TEST(loads(whole));
    BOOST_TEST(*to.size() == 5u);
}

BOOST_AUTO_TEST_CASE(other_types_of_the_same_size_are_refused)
{
    stack<Memory<std::uint64_t, std::uint64_t>> to;
    BOOST_TEST((load(to, snapshot_of<std::uint64_t, double>()) == errc::corrupt));
    BOOST_TEST((load(to, snapshot_of<std::uint64_t, std::int64_t>()) == errc::corrupt));
    BOOST_TEST((load(to, snapshot_of<colour, std::uint64_t>()) == errc::corrupt));
    BOOST_TEST((load(to, snapshot_of<std::uint32_t, std::uint64_t>()) == errc::corrupt));
    BOOST_TEST(*to.size() == 0u);
    BOOST_TEST(!load(to, snapshot_of<std::uint64_t, std::uint64_t>()));
    BOOST_TEST(to.get(1u).value() == 2u);
}

BOOST_AUTO_TEST_CASE(lengths_from_outside_allocate_nothing)
{
    stack<Text> from;
    BOOST_REQUIRE(from.put("key", "value"));
    auto const whole = saved(from);
    auto const with = [&](std::size_t at, auto number) {
        auto bytes = whole;
        std::memcpy(bytes.data() + at, &number, sizeof number);
        return signed_again(bytes);
    };
    constexpr std::size_t entries = 14 + 4 + 8; // where their number stands
    stack<Text> to;
    BOOST_TEST((load(to, with(entries, UINT64_MAX)) == errc::corrupt));
    BOOST_TEST((load(to, with(entries + 8 + 8, UINT32_MAX)) == errc::corrupt));      // length of the key
    BOOST_TEST((load(to, with(entries + 8 + 8 + 4, UINT32_MAX)) == errc::corrupt)); // of the value
    BOOST_TEST((load(to, with(entries + 8, std::int64_t{-2})) == errc::corrupt));   // what is left of the lifetime
    BOOST_TEST((load(to, with(entries + 8, std::int64_t{0})) == errc::corrupt));
    BOOST_TEST(*to.size() == 0u);
    BOOST_TEST(!load(to, signed_again(whole)));
}

BOOST_AUTO_TEST_CASE(a_bool_that_is_none_is_refused)
{
    using Flags = Memory<int, bool>;
    stack<Flags> from;
    BOOST_REQUIRE(from.put(1, true));
    auto bytes = saved(from);
    bytes[bytes.size() - 8 - 1] = 2;
    stack<Flags> to;
    BOOST_TEST((load(to, signed_again(bytes)) == errc::corrupt));
    BOOST_TEST(!load(to, saved(from)));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused)
{
    stack<Text> cache;
    auto const refuses = [&](std::istream& in) { return cache.layer<Text>().load(in).error() == errc::corrupt; };
    std::ifstream folder{"/"};
    BOOST_TEST(refuses(folder));
    std::ifstream missing{"/there/is/no/such/file"};
    BOOST_TEST(refuses(missing));
    std::istream nothing{nullptr};
    BOOST_TEST(refuses(nothing));
    std::istringstream strict;
    strict.exceptions(std::ios::failbit | std::ios::badbit | std::ios::eofbit);
    BOOST_TEST(refuses(strict));
}

BOOST_AUTO_TEST_CASE(a_smaller_store_keeps_what_would_go_last)
{
    using Cache = Memory<int, int, Lru>;
    stack<Cache> from;
    for (int key = 0; key < 100; ++key) BOOST_REQUIRE(from.put(key, key));
    for (int key = 0; key < 10; ++key) BOOST_REQUIRE(from.get(key));
    stack<Cache> to{Cache{.max_entries = 10}};
    BOOST_REQUIRE(to.put(5, -5));
    BOOST_REQUIRE(to.put(1000, -1));
    BOOST_REQUIRE(!load(to, saved(from)));
    BOOST_TEST(*to.size() == 10u);
    for (int key = 0; key < 10; ++key) BOOST_TEST(to.get(key).value_or(-1) == key);
}
