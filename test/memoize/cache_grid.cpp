#define BOOST_TEST_MODULE memoize_cache_grid
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/redis_server.hpp"

#include <strata/json.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace strata;

namespace {

using text = std::optional<std::string>;

/// Calls `cached` ten times for each combination of arguments, fifty of them.
template <class Memoized> void ten_rounds(Memoized const& cached)
{
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 5; ++i) {
            for (text const& s : {text{"a"}, text{"bb"}, text{"ccc"}, text{""}, text{}}) {
                for (bool const b : {false, true}) {
                    auto const expected = std::to_string(i) + s.value_or("null") + (b ? "t" : "f");
                    BOOST_REQUIRE_EQUAL(cached(i, s, b), expected);
                }
            }
        }
    }
}

/// `entries(prefix)` counts what the store holds under a prefix.
template <class Cache, class Entries> void grid(Cache& cache, Entries const& entries)
{
    int calls = 0;
    int computations = 0;
    auto const compute = [&](int i, text const& s, bool b) {
        ++computations;
        return std::to_string(i) + s.value_or("null") + (b ? "t" : "f");
    };
    auto const counted = [&calls](auto const& cached) {
        return [&](int i, text const& s, bool b) { return ++calls, cached(i, s, b); };
    };
    auto& stats = cache.template layer<Stats>();

    ten_rounds(counted(memoize(cache, "f.", compute)));
    BOOST_CHECK_EQUAL(calls, 500);
    BOOST_CHECK_EQUAL(computations, 50);
    BOOST_CHECK_EQUAL(entries("f."), 50);
    BOOST_CHECK_EQUAL(stats.gets(), 500);
    BOOST_CHECK_EQUAL(stats.puts(), 50);
    BOOST_CHECK_EQUAL(stats.failures(), 0);
    BOOST_CHECK_CLOSE(stats.hit_rate(), 0.9, 1e-9);

    ten_rounds(counted(memoize(cache, "f.", compute))); // shares them
    BOOST_CHECK_EQUAL(computations, 50);
    BOOST_CHECK_EQUAL(entries("f."), 50);

    ten_rounds(counted(memoize(cache, "g.", compute))); // does not
    BOOST_CHECK_EQUAL(computations, 100);
    BOOST_CHECK_EQUAL(entries("f."), 50);
    BOOST_CHECK_EQUAL(entries("g."), 50);
}

/// Counts by the keys that the grid is known to have.
template <class Cache> auto by_asking(Cache& cache)
{
    return [&cache](std::string_view prefix) {
        auto const key = memoize(cache, std::string{prefix}, [](int, text const&, bool) { return std::string{}; });
        int there = 0;
        for (int i = 0; i < 5; ++i) {
            for (text const& s : {text{"a"}, text{"bb"}, text{"ccc"}, text{""}, text{}}) {
                for (bool const b : {false, true}) there += key.contains(i, s, b).hit();
            }
        }
        return there;
    };
}

template <class Cache> void on_memory(Cache cache)
{
    grid(cache, by_asking(cache));
    BOOST_CHECK_EQUAL(cache.size().value(), 100);
}

template <class... Layers> void on_redis()
{
    test::redis_server const server;
    stack<Redis, Layers..., Prefix, Stats> cache{Redis{.host = server.host(), .port = server.port()}, Prefix{"grid."}};
    grid(cache, by_asking(cache));
    BOOST_CHECK_EQUAL(server.ask({"DBSIZE"}), "100");
}

template <class... Layers> void on_memcached()
{
    test::memcached_server const server;
    stack<Memcached, Layers..., Prefix, Stats> cache{Memcached{.servers = {server.address()}}, Prefix{"grid."}};
    grid(cache, by_asking(cache));
    BOOST_CHECK_EQUAL(server.count("curr_items"), 100);
}

} // namespace

BOOST_AUTO_TEST_CASE(in_memory)
{
    on_memory(stack<Memory<>>::with<Stats>{});
    on_memory(stack<Memory<>>::with<Serialize<Json>>::with<Prefix>::with<Stats>{Prefix{"grid."}});
    on_memory(stack<Memory<>>::with<Serialize<Binary>>::with<Lock<>>::with<Stats>{});
}

BOOST_AUTO_TEST_CASE(in_redis)
{
    on_redis<>();
    on_redis<Serialize<Json>>();
}

BOOST_AUTO_TEST_CASE(in_memcached)
{
    on_memcached<>();
    on_memcached<Serialize<Binary>>();
}
