#define BOOST_TEST_MODULE store_memory
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <any>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using Text = Memory<>;
using Numbers = Memory<int, int>;
using bounded_later = std::tuple<OneThread, Sharded>;

std::string text(int n) { return std::string(static_cast<std::size_t>(n * 37 % 400), static_cast<char>('a' + n % 26)); }

} // namespace

BOOST_AUTO_TEST_CASE(settings_that_cannot_be)
{
    BOOST_CHECK_THROW(stack<Text>{Text{.ttl = 0s}}, std::invalid_argument);
    BOOST_CHECK_THROW((stack<Text>{Text{.weigher = [](auto, auto) { return std::size_t{1}; }}}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(values_of_all_sizes_replace_each_other)
{
    stack<Text> cache;
    std::map<std::string, std::string> model;
    for (int i = 0; i < 20000; ++i) {
        auto const key = "key" + std::string(static_cast<std::size_t>(i * 7 % 300), 'k') + std::to_string(i * 31 % 97);
        auto const value = text(i * 13);
        BOOST_REQUIRE(cache.put(key, value));
        model[key] = value;
        if (i % 11 == 0) {
            auto const other = std::next(model.begin(), i % static_cast<int>(model.size()));
            BOOST_REQUIRE(cache.erase(other->first));
            model.erase(other);
        }
    }
    BOOST_TEST(*cache.size() == model.size());
    for (auto const& [key, value] : model) BOOST_REQUIRE(*cache.get(key) == value);
}

BOOST_AUTO_TEST_CASE(growth_loses_nothing)
{
    stack<Numbers> cache;
    for (int i = 0; i < 100000; ++i) {
        BOOST_REQUIRE(cache.put(i, -i));
        BOOST_REQUIRE(*cache.get(i / 2) == -(i / 2));
    }
    for (int i = 0; i < 100000; ++i) BOOST_REQUIRE(*cache.get(i) == -i);
    BOOST_TEST(cache.get(100000).miss());
}

BOOST_AUTO_TEST_CASE(batches_answer_in_order)
{
    stack<Numbers> cache;
    std::vector<int> keys;
    for (int i = 0; i < 100; ++i) {
        keys.push_back(i);
        if (i % 3 != 0) BOOST_REQUIRE(cache.put(i, i * i));
    }
    auto const found = cache.get_many(keys);
    for (int i = 0; i < 100; ++i) {
        auto const& one = found[static_cast<std::size_t>(i)];
        BOOST_TEST(one.hit() == (i % 3 != 0));
        if (one) BOOST_TEST(*one == i * i);
    }
}

BOOST_AUTO_TEST_CASE(lifetimes_end_to_the_millisecond)
{
    ManualClock clock;
    stack<Text> cache{Text{.clock = clock}};
    BOOST_REQUIRE(cache.put("a", "1", 100ms));
    BOOST_REQUIRE(cache.put("b", "2"));
    BOOST_REQUIRE(cache.put("c", "3", 5ms));
    BOOST_REQUIRE(cache.touch("c", 200ms));
    clock.advance(99ms);
    BOOST_TEST(cache.get("a").hit());
    clock.advance(1ms);
    BOOST_TEST(cache.get("a").miss());
    BOOST_TEST(cache.contains("c").hit());
    clock.advance(std::chrono::hours{24 * 365});
    BOOST_TEST(cache.get("c").miss());
    BOOST_TEST(cache.get("b").hit());
}

BOOST_AUTO_TEST_CASE(long_lifetimes_end_to_the_second)
{
    ManualClock clock;
    stack<Text> cache{Text{.clock = clock}};
    auto const year = std::chrono::milliseconds{std::chrono::hours{24 * 365}};
    BOOST_REQUIRE(cache.put("year", "1", year));
    for (int day = 0; day < 364; ++day) {
        clock.advance(24h);
        BOOST_REQUIRE(cache.put("day", "1", 1h)); // lets the base of the deadlines follow
        BOOST_REQUIRE(cache.get("year").hit());
    }
    clock.advance(24h - 1ms);
    BOOST_TEST(cache.get("year").hit());
    clock.advance(1s + 1ms);
    BOOST_TEST(cache.get("year").miss());
}

BOOST_AUTO_TEST_CASE(a_clock_put_back_neither_kills_nor_immortalizes)
{
    ManualClock clock;
    clock.advance(1h);
    stack<Text> cache{Text{.clock = clock}};
    BOOST_REQUIRE(cache.put("before", "1", 1min));
    clock.advance(-30min);
    BOOST_TEST(cache.get("before").hit());
    BOOST_REQUIRE(cache.put("after", "1", 1min));
    clock.advance(1min - 1ms);
    BOOST_TEST(cache.get("after").hit());
    clock.advance(1ms);
    BOOST_TEST(cache.get("after").miss());
    BOOST_TEST(cache.get("before").hit());
    clock.advance(30min);
    BOOST_TEST(cache.get("before").miss());
}

BOOST_AUTO_TEST_CASE(what_has_ended_goes_without_being_met)
{
    ManualClock clock;
    stack<Numbers> cache{Numbers{.clock = clock}};
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(cache.put(i, i, 1s));
    clock.advance(1s);
    for (int i = 1000; i < 3000; ++i) BOOST_REQUIRE(cache.put(i, i));
    BOOST_TEST(*cache.size() == 2000u);
    BOOST_TEST(cache.layer<Numbers>().statistics().expired == 1000u);
}

BOOST_AUTO_TEST_CASE(lifetimes_by_function_and_sliding)
{
    ManualClock clock;
    stack<Numbers> cache{Numbers{.lifetime_of = [](int key, int) { return std::chrono::milliseconds{key}; },
                                 .sliding = true, .clock = clock}};
    BOOST_REQUIRE(cache.put(10, 1));
    BOOST_REQUIRE(cache.put(20, 1));
    clock.advance(9ms);
    BOOST_TEST(cache.get(10).hit());
    clock.advance(9ms);
    BOOST_TEST(cache.get(10).hit());
    clock.advance(2ms);
    BOOST_TEST(cache.get(20).miss());
    clock.advance(8ms);
    BOOST_TEST(cache.get(10).miss());
}

BOOST_AUTO_TEST_CASE(what_has_ended_goes_where_values_are_only_replaced)
{
    ManualClock clock;
    stack<Numbers> cache{Numbers{.clock = clock}};
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(cache.put(i, i, 1s));
    BOOST_REQUIRE(cache.put(1000, 0));
    clock.advance(1s);
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(cache.put(1000, i));
    BOOST_TEST(*cache.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lifetime_by_function_that_is_none_is_refused)
{
    stack<Numbers> cache{Numbers{.lifetime_of = [](int key, int) { return std::chrono::milliseconds{key}; }}};
    BOOST_TEST((cache.put(0, 1).error() == std::errc::invalid_argument));
    BOOST_TEST((cache.put(-5, 1).error() == std::errc::invalid_argument));
    BOOST_TEST(*cache.size() == 0u);
    BOOST_TEST(cache.put(-5, 1, 1h).error() == std::error_code{}); // not asked
    BOOST_TEST((cache.put(-5, 2).error() == std::errc::invalid_argument));
    BOOST_TEST(*cache.get(-5) == 1);
    BOOST_TEST((cache.add(-5, 2).error() == errc::exists));
}

BOOST_AUTO_TEST_CASE(what_had_no_weight_has_one_after_its_replacement)
{
    stack<Text> cache{Text{.max_bytes = 100, .weigher = [](auto, auto value) { return value.size(); }}};
    for (int i = 0; i < 50; ++i) BOOST_REQUIRE(cache.put(std::to_string(i), ""));
    for (int i = 0; i < 50; ++i) {
        BOOST_REQUIRE(cache.put(std::to_string(i), std::string(90, 'x')));
        auto const now = cache.layer<Text>().statistics();
        BOOST_REQUIRE(now.weight == 90u);
        BOOST_REQUIRE(now.entries <= 50u);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_bound_of_bytes_that_comes_later_weighs_what_is_there, Threads, bounded_later)
{
    using Cache = Memory<std::string, std::string, AdaptiveS3Fifo, Threads>;
    stack<Cache> cache{Cache{.max_entries = 1000}};
    for (int i = 0; i < 500; ++i) BOOST_REQUIRE(cache.put(std::to_string(i), std::string(76, 'x')));
    auto& store = cache.template layer<Cache>();
    BOOST_TEST(store.statistics().weight == 0u);
    store.resize(1000, 10'000);
    BOOST_TEST(store.statistics().weight <= 10'000u);
    BOOST_TEST(store.statistics().weight > 9'000u);
    BOOST_TEST(store.statistics().entries < 105u);
    BOOST_CHECK(cache.put("more", "x"));
    BOOST_TEST(store.statistics().weight <= 10'000u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_weigher_that_throws_leaves_the_bound_to_be_set_again, Threads, bounded_later)
{
    using Cache = Memory<std::string, std::string, AdaptiveS3Fifo, Threads>;
    int calls_left = 1'000'000;
    auto const weigh = [&](std::string_view, std::string_view value) {
        if (calls_left-- == 0) throw std::runtime_error{"no more"};
        return value.size();
    };
    stack<Cache> cache{Cache{.max_bytes = 1'000'000, .weigher = weigh}};
    auto& store = cache.template layer<Cache>();
    store.resize(0);
    for (int i = 0; i < 500; ++i) BOOST_REQUIRE(cache.put(std::to_string(i), std::string(100, 'x')));
    calls_left = 250;
    BOOST_CHECK_THROW(store.resize(0, 10'000), std::runtime_error);
    calls_left = 1'000'000;
    BOOST_TEST(store.statistics().entries == 500u);
    store.resize(0, 10'000);
    BOOST_TEST(store.statistics().entries == 100u);
    BOOST_TEST(store.statistics().weight == 10'000u);
}

BOOST_AUTO_TEST_CASE(weights_bound_the_whole)
{
    stack<Text> cache{Text{.max_bytes = 1000, .weigher = [](auto, auto value) { return value.size(); }}};
    for (int i = 0; i < 100; ++i) {
        BOOST_REQUIRE(cache.put(std::to_string(i), std::string(static_cast<std::size_t>(i * 7 % 300), 'v')));
        BOOST_REQUIRE(cache.layer<Text>().statistics().weight <= 1000u);
    }
    auto const before = *cache.size();
    BOOST_TEST((cache.put("huge", std::string(1001, 'v')).error() == errc::too_large));
    BOOST_TEST(*cache.size() == before);
    BOOST_TEST(cache.put("all", std::string(1000, 'v')).error() == std::error_code{});
    BOOST_TEST(cache.get("all").hit());
    (void)cache.clear();
    BOOST_TEST(cache.layer<Text>().statistics().weight == 0u);
}

BOOST_AUTO_TEST_CASE(removals_are_told_with_their_cause)
{
    ManualClock clock;
    std::vector<std::tuple<int, int, removal>> told;
    using Cache = Memory<int, int, Lru>;
    stack<Cache> cache{Cache{.max_entries = 2,
                             .on_removal = [&](int key, int value, removal why) { told.emplace_back(key, value, why); },
                             .clock = clock}};
    (void)cache.put(1, 10);
    (void)cache.put(1, 11);
    (void)cache.put(2, 20, 1ms);
    (void)cache.erase(1);
    clock.advance(1ms);
    BOOST_TEST(cache.get(2).miss());
    (void)cache.put(3, 30);
    (void)cache.put(4, 40);
    (void)cache.put(5, 50);
    cache.layer<Cache>().resize(1);
    std::vector<std::tuple<int, int, removal>> const expected{{1, 10, removal::replaced}, {1, 11, removal::erased},
                                                              {2, 20, removal::expired},  {3, 30, removal::evicted},
                                                              {4, 40, removal::evicted}};
    BOOST_TEST((told == expected));
    (void)cache.clear();
    BOOST_TEST((told.back() == std::tuple{5, 50, removal::erased}));
}

BOOST_AUTO_TEST_CASE(a_throwing_listener_leaves_the_store_usable)
{
    using Cache = Memory<int, int, Lru>;
    stack<Cache> cache{Cache{.max_entries = 3, .on_removal = [](int, int, removal) { throw 1; }}};
    for (int i = 0; i < 3; ++i) (void)cache.put(i, i);
    for (int i = 3; i < 50; ++i) {
        BOOST_CHECK_THROW((void)cache.put(i, i), int);
        BOOST_REQUIRE(cache.put(i, i));
        BOOST_REQUIRE(*cache.size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(any_serves_the_type_that_is_there)
{
    stack<Memory<std::string, std::any>> cache;
    BOOST_REQUIRE(cache.put("text", "literal"));
    BOOST_REQUIRE(cache.put("number", 7));
    BOOST_TEST(*cache.get<std::string>("text") == "literal");
    BOOST_TEST(*cache.get<int>("number") == 7);
    BOOST_TEST((cache.get<long>("number").error() == errc::corrupt));
    int out = 0;
    BOOST_TEST(cache.get_to("number", out).hit());
    BOOST_TEST(out == 7);
    BOOST_TEST(cache.get_or("made", [] { return 2.5; }) == 2.5);
    BOOST_TEST(cache.visit<int>("number", [&](int const& number) { out = number + 1; }).hit());
    BOOST_TEST(out == 8);
    BOOST_TEST((cache.visit<long>("number", [&](long const&) { out = 0; }).error() == errc::corrupt));
    BOOST_TEST(cache.visit("number", [&](std::any const& any) { out += std::any_cast<int>(any); }).hit());
    BOOST_TEST(out == 15);
}

BOOST_AUTO_TEST_CASE(values_that_only_move_are_visited)
{
    stack<Memory<int, std::unique_ptr<int>>> cache;
    BOOST_REQUIRE(cache.put(1, std::make_unique<int>(42)));
    int seen = 0;
    BOOST_TEST(cache.visit(1, [&](auto const& value) { seen = *value; }).hit());
    BOOST_TEST(seen == 42);
    BOOST_TEST(cache.visit(2, [&](auto const&) { seen = 0; }).miss());
    BOOST_TEST(seen == 42);
}

BOOST_AUTO_TEST_CASE(for_each_meets_every_entry_once)
{
    stack<Numbers> cache;
    for (int i = 0; i < 5000; ++i) (void)cache.put(i, 2 * i);
    std::set<int> seen;
    cache.layer<Numbers>().for_each([&](int key, int value) {
        BOOST_REQUIRE(value == 2 * key);
        BOOST_REQUIRE(seen.insert(key).second);
    });
    BOOST_TEST(seen.size() == 5000u);
}

BOOST_AUTO_TEST_CASE(moves_take_the_entries_along)
{
    stack<Text> a;
    (void)a.put("k", "v");
    stack<Text> b{std::move(a)};
    BOOST_TEST(*b.get("k") == "v");
    stack<Text> c;
    (void)c.put("old", "v");
    c = std::move(b);
    BOOST_TEST(*c.get("k") == "v");
    BOOST_TEST(c.get("old").miss());
}
