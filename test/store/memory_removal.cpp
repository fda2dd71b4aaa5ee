#define BOOST_TEST_MODULE store_memory_removal
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/eviction/sieve.hpp>
#include <strata/store/memory.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// Throws when it is copied, or when it is assigned by moving, as often as it is told to.
struct Fragile {
    int number;

    static inline int copies_that_fail = 0;
    static inline int assignments_that_fail = 0;

    explicit Fragile(int n) : number{n} {}
    Fragile(Fragile const& other) : number{other.number}
    {
        if (copies_that_fail > 0 && copies_that_fail-- > 0) throw 1;
    }
    Fragile(Fragile&& other) noexcept : number{other.number} {}
    Fragile& operator=(Fragile const&) = delete;
    Fragile& operator=(Fragile&& other)
    {
        number = -1; // half of it is done
        if (assignments_that_fail > 0 && assignments_that_fail-- > 0) throw 2;
        number = other.number;
        return *this;
    }
};

using Cache = Memory<int, Fragile, Lru>;
using Told = std::vector<std::tuple<int, int, removal>>;

int found(stack<Cache>& cache, int key)
{
    int number = 0;
    static_cast<void>(cache.visit(key, [&](Fragile const& value) { number = value.number; }));
    return number;
}

struct Fixture {
    Told told;
    stack<Cache> cache{Cache{.max_entries = 2, .on_removal = [this](int key, Fragile const& value, removal why) {
                                 told.emplace_back(key, value.number, why);
                             }}};

    Fixture() { BOOST_REQUIRE(cache.put(1, Fragile{10})); }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_value_that_cannot_be_copied_replaces_nothing, Fixture)
{
    Fragile const other{11};
    Fragile::copies_that_fail = 1;
    BOOST_CHECK_THROW((void)cache.put(1, other), int);
    BOOST_TEST(told.empty());
    BOOST_TEST(found(cache, 1) == 10);
    BOOST_REQUIRE(cache.put(1, other));
    BOOST_TEST((told == Told{{1, 10, removal::replaced}}));
    BOOST_TEST(found(cache, 1) == 11);
}

BOOST_FIXTURE_TEST_CASE(what_was_told_to_go_is_gone_if_the_assignment_fails, Fixture)
{
    Fragile::assignments_that_fail = 1;
    BOOST_CHECK_THROW((void)cache.put(1, Fragile{11}), int);
    BOOST_TEST((told == Told{{1, 10, removal::replaced}}));
    BOOST_TEST(cache.get<Fragile>(1).miss());
    BOOST_TEST(*cache.size() == 0u);

    for (int key = 2; key < 6; ++key) BOOST_REQUIRE(cache.put(key, Fragile{key}));
    BOOST_TEST(*cache.size() == 2u);
    BOOST_TEST(found(cache, 5) == 5);
    BOOST_TEST((told.back() == std::tuple{3, 3, removal::evicted}));
}

BOOST_FIXTURE_TEST_CASE(a_value_that_cannot_be_copied_takes_no_place, Fixture)
{
    BOOST_REQUIRE(cache.put(2, Fragile{20}));
    Fragile const other{30};
    for (int i = 0; i < 3; ++i) {
        Fragile::copies_that_fail = 1;
        BOOST_CHECK_THROW((void)cache.put(3, other), int);
        BOOST_TEST(cache.contains(3).miss());
        BOOST_REQUIRE(cache.put(4 + i, Fragile{40}));
        BOOST_TEST(*cache.size() <= 2u);
    }
    BOOST_REQUIRE(cache.put(3, other));
    BOOST_TEST(found(cache, 3) == 30);
}

BOOST_AUTO_TEST_CASE(a_listener_that_throws_keeps_what_would_be_replaced)
{
    bool throws = false;
    using Text = Memory<std::string, std::string>;
    stack<Text> cache{Text{.on_removal = [&](std::string_view, std::string_view, removal) {
        if (throws) throw 1;
    }}};
    std::string const longer(1000, 'x');
    BOOST_REQUIRE(cache.put("key", "old"));
    throws = true;
    BOOST_CHECK_THROW((void)cache.put("key", "new"), int);
    BOOST_CHECK_THROW((void)cache.put("key", longer), int);
    BOOST_TEST(*cache.get("key") == "old");
    throws = false;
    BOOST_REQUIRE(cache.put("key", longer));
    BOOST_TEST(*cache.get("key") == longer);
    BOOST_REQUIRE(cache.put("key", "short again"));
    BOOST_TEST(*cache.get("key") == "short again");
}

BOOST_AUTO_TEST_CASE(sieve_goes_on_with_the_oldest_though_a_listener_threw_as_the_newest_went)
{
    bool throws = false;
    using Numbers = Memory<int, int, Sieve>;
    stack<Numbers> cache{Numbers{.max_entries = 3, .on_removal = [&](int, int, removal) {
        if (throws) throw 1;
    }}};
    for (int key = 1; key <= 3; ++key) BOOST_REQUIRE(cache.put(key, key));
    BOOST_REQUIRE(cache.get(1));
    BOOST_REQUIRE(cache.put(4, 4)); // the hand has passed 1, and 3 and 4 lie ahead
    throws = true;
    BOOST_CHECK_THROW((void)cache.erase(3), int);
    BOOST_CHECK_THROW((void)cache.erase(4), int);
    throws = false;
    BOOST_TEST(*cache.size() == 1u);
    cache.layer<Numbers>().resize(0, 1);
    BOOST_TEST(*cache.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_throws_leaves_neither_weight_nor_end_of_what_went)
{
    using Numbers = Memory<int, int, Lru>;
    std::int64_t now = 1;
    int until_it_throws = -1;
    stack<Numbers> cache{Numbers{.max_bytes = 200, .ttl = 1s, .clock = [&] {
        if (until_it_throws >= 0 && until_it_throws-- == 0) throw 1;
        return now;
    }}};
    for (int key = 0; key < 100; ++key) {
        until_it_throws = key % 4;
        try {
            static_cast<void>(cache.put(key, key));
        } catch (int) {
        }
        until_it_throws = -1;
        now += 300;
        auto const has = cache.layer<Numbers>().statistics();
        BOOST_REQUIRE(has.weight == has.entries * (Numbers::entry_overhead + 2 * sizeof(int)));
    }
    now += 10'000;
    cache.layer<Numbers>().remove_expired();
    BOOST_TEST(*cache.size() == 0u);
    for (int key = 0; key < 100; ++key) BOOST_REQUIRE(cache.put(key, key));
}

BOOST_AUTO_TEST_CASE(an_entry_without_an_end_beside_one_with_an_end_stays)
{
    ManualClock clock;
    stack<Cache> cache{Cache{.max_entries = 100, .clock = clock}};
    for (int key = 0; key < 50; ++key) BOOST_REQUIRE(cache.put(key, Fragile{key}));
    BOOST_REQUIRE(cache.put(50, Fragile{50}, 1ms));
    for (int key = 51; key < 300; ++key) BOOST_REQUIRE(cache.put(key, Fragile{key}));
    clock.advance(1h);
    for (int key = 200; key < 300; ++key) BOOST_TEST(found(cache, key) == key);
}

BOOST_AUTO_TEST_CASE(a_clock_that_throws_hides_nothing_from_the_listener)
{
    using Numbers = Memory<int, int, Lru>;
    std::int64_t now = 1;
    int until_it_throws = -1;
    std::map<int, int> told;
    stack<Numbers> cache{Numbers{.max_entries = 10,
                                 .ttl = 1s,
                                 .on_removal = [&](int key, int, removal) { ++told[key]; },
                                 .clock = [&] {
                                     if (until_it_throws >= 0 && until_it_throws-- == 0) throw 1;
                                     return now;
                                 }}};
    for (int key = 0; key < 200; ++key) {
        until_it_throws = key % 4;
        try {
            static_cast<void>(cache.put(key, key));
        } catch (int) {
        }
        until_it_throws = -1;
        now += 10;
    }
    std::size_t there = 0;
    for (int key = 0; key < 200; ++key) {
        BOOST_REQUIRE(told[key] + (cache.contains(key) ? 1 : 0) <= 1);
        there += cache.contains(key) ? 1 : 0;
    }
    BOOST_TEST(there == *cache.size());
    now += 10'000;
    cache.layer<Numbers>().remove_expired();
    for (int key = 1; key < 200; key += 4) BOOST_TEST(told[key] == 1); // their puts asked the clock once only
}

namespace {

using several_threads = std::tuple<OneThread, Sharded>;

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(clear_removes_everything_though_the_listener_throws, Threads, several_threads)
{
    using Numbers = Memory<int, int, Lru, Threads>;
    std::map<int, int> told;
    bool throws = true;
    stack<Numbers> cache{Numbers{.on_removal = [&](int key, int, removal why) {
        BOOST_REQUIRE((why == removal::erased));
        ++told[key];
        if (throws) throw key;
    }}};
    for (int key = 0; key < 1000; ++key) BOOST_REQUIRE(cache.put(key, key));
    BOOST_CHECK_THROW((void)cache.clear(), int);
    BOOST_TEST(*cache.size() == 0u);
    for (int key = 0; key < 1000; ++key) BOOST_REQUIRE(told[key] == 1);
    throws = false;
    BOOST_REQUIRE(cache.put(1, 1));
    BOOST_REQUIRE(cache.clear());
    BOOST_TEST(told[1] == 2);
}

BOOST_AUTO_TEST_CASE(nobody_is_told_of_what_a_store_takes_along)
{
    int told = 0;
    using Numbers = Memory<int, int>;
    auto const make = [&] { return stack<Numbers>{Numbers{.on_removal = [&](int, int, removal) { ++told; }}}; };
    auto cache = make();
    BOOST_REQUIRE(cache.put(1, 1));
    auto& same = cache;
    cache = std::move(same);
    BOOST_TEST(cache.get(1).hit());
    cache = make();
    BOOST_TEST(cache.get(1).miss());
    BOOST_REQUIRE(cache.put(1, 1));
    BOOST_TEST(told == 0);
}

namespace {

struct thrown {};

/// Random operations with functions that throw now and then: of each value that was put the listener is told once at
/// most, and not while it is there.
template <class Eviction, class Threads> void tells_once(std::uint64_t seed)
{
    detail::random_bits random{seed};
    ManualClock clock;
    bool armed = false;
    auto const may_throw = [&] {
        if (armed && random.below(50) == 0) throw thrown{};
    };
    std::map<int, int> told;
    using Texts = Memory<int, std::string, Eviction, Threads>;
    stack<Texts> cache{Texts{
        .max_entries = 60,
        .max_bytes = 6000,
        .weigher = [&](int, std::string_view value) { return may_throw(), value.size() + 20; },
        .ttl = 1s,
        .lifetime_of =
            [&](int key, std::string_view) {
                may_throw();
                return key % 3 == 0 ? lifetime{300ms} : lifetime{};
            },
        .sliding = true,
        .on_removal =
            [&](int, std::string_view value, removal why) {
                auto& count = told[std::stoi(std::string{value})];
                ++count;
                try {
                    may_throw();
                } catch (thrown const&) {
                    if (why == removal::replaced) --count; // then it stays
                    throw;
                }
            },
        .clock = [&] { return may_throw(), clock(); }}};
    auto& store = cache.template layer<Texts>();
    int puts = 0;
    int throws = 0;
    for (int i = 0; i < 10000; ++i) {
        auto const key = static_cast<int>(random.below(200));
        armed = true;
        try {
            switch (random.below(12)) {
            case 0: static_cast<void>(cache.erase(key)); break;
            case 1: clock.advance(std::chrono::milliseconds{random.below(50)}); break;
            case 2: static_cast<void>(cache.touch(key, 100ms)); break;
            case 3: store.resize(20 + random.below(60), 3000 + random.below(4000)); break;
            case 4:
                if (random.below(100) == 0) static_cast<void>(cache.clear());
                break;
            case 5:
                if (random.below(20) == 0) store.remove_expired();
                break;
            case 6: static_cast<void>(cache.get_many(std::vector{key, key + 1, key + 2})); break;
            case 7: static_cast<void>(cache.get(key)); break;
            default: static_cast<void>(cache.put(key, std::to_string(++puts) + std::string(random.below(100), ' ')));
            }
        } catch (thrown const&) {
            ++throws;
        }
        armed = false;
    }
    BOOST_TEST(throws > 100);
    store.for_each([&](int, std::string_view value) { BOOST_REQUIRE(told[std::stoi(std::string{value})] == 0); });
    BOOST_REQUIRE(cache.clear());
    for (auto const& [value, count] : told) BOOST_REQUIRE(count == 1);
}

} // namespace

BOOST_AUTO_TEST_CASE(each_value_that_goes_is_told_once_whatever_throws)
{
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        tells_once<AdaptiveS3Fifo, OneThread>(seed);
        tells_once<Lru, OneThread>(seed);
        tells_once<Sieve, OneThread>(seed);
        tells_once<AdaptiveS3Fifo, Sharded>(seed);
    }
}

// Among so many, evictions look ahead at entries that go next, of which some are erased before.
BOOST_AUTO_TEST_CASE(evicts_among_many_of_which_some_are_erased)
{
    constexpr int entries = 140000;
    using Named = Memory<std::string, int>;
    std::map<removal, int> told;
    stack<Named> cache{
        Named{.max_entries = entries, .on_removal = [&](std::string_view, int, removal why) { ++told[why]; }}};
    auto const key = [](int i) { return "a key that is on the heap " + std::to_string(i); };
    int erased = 0;
    for (int i = 0; i < 2 * entries; ++i) {
        BOOST_REQUIRE(cache.put(key(i), i));
        if (i % 3 == 0) static_cast<void>(cache.get(key(i - i / 7)));
        if (i > entries && i % 5 == 0) {
            erased += cache.erase(key(static_cast<int>(std::int64_t{i} * 7919 % entries + i - entries))).hit() ? 1 : 0;
            erased += cache.erase(key(i - entries + i % 256)).hit() ? 1 : 0; // the oldest, if they have not gone
        }
    }
    BOOST_TEST(erased > 1000);
    BOOST_TEST(told[removal::erased] == erased);
    BOOST_TEST(told[removal::evicted] == 2 * entries - erased - static_cast<int>(*cache.size()));
    BOOST_TEST(*cache.size() <= std::size_t{entries});
}
