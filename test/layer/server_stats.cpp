#define BOOST_TEST_MODULE layer_server_stats
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/redis_server.hpp"

#include <strata/layer/prefix.hpp>
#include <strata/layer/server_stats.hpp>
#include <strata/layer/stats.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;

static_assert(stack<Memcached>::with<ServerStats>::with<Prefix>::describe() == "Memcached | ServerStats | Prefix");
static_assert(sizeof(stack<Memcached>::with<ServerStats>) == sizeof(stack<Memcached>));

BOOST_AUTO_TEST_CASE(counts_as_memcached_does)
{
    memcached_server const server;
    stack<Memcached>::with<Prefix>::with<ServerStats>::with<Stats> cache{Memcached{.servers = {server.address()}},
                                                                         Prefix{"p."}};
    auto counted = cache.layer<ServerStats>();
    BOOST_CHECK(counted.hit_rate() == 0.0); // nothing was asked yet
    BOOST_CHECK(counted.hits().value() == 0u);
    BOOST_REQUIRE(cache.put("key", std::string(1000, 'x')));
    for (int i = 0; i < 9; ++i) BOOST_CHECK(cache.get("key").hit());
    BOOST_CHECK(cache.get("none").miss());
    BOOST_CHECK(counted.hits().value() == 9u);
    BOOST_CHECK(counted.misses().value() == 1u);
    BOOST_CHECK_CLOSE(counted.hit_rate(), 0.9, 1e-9);
    BOOST_CHECK(counted.snapshot()->entries == 1u);
    BOOST_CHECK(counted.snapshot()->bytes > 1000u);
    BOOST_CHECK(cache.layer<Stats>().gets() == 10u); // asking is no `get`
    BOOST_CHECK(counted.hits().value() == server.count("get_hits"));

    // What another client asks counts as well.
    stack<Memcached> other{Memcached{.servers = {server.address()}}};
    for (auto const& found : other.get_many({"a", "b", "p.key"})) static_cast<void>(found);
    BOOST_CHECK(counted.hits().value() == 10u);
    BOOST_CHECK(counted.misses().value() == 3u);
}

BOOST_AUTO_TEST_CASE(sums_over_servers)
{
    memcached_server const a;
    memcached_server const b;
    stack<Memcached>::with<ServerStats> cache{Memcached{.servers = {a.address(), b.address()}}};
    for (int i = 0; i < 100; ++i) BOOST_REQUIRE(cache.put(i, "value"));
    for (int i = 0; i < 150; ++i) BOOST_CHECK(cache.get(i).hit() == (i < 100));
    auto const counted = cache.layer<ServerStats>().snapshot();
    BOOST_CHECK(a.count("get_hits") > 0 && b.count("get_hits") > 0);
    BOOST_CHECK(counted->hits == 100u && counted->misses == 50u && counted->entries == 100u);
}

BOOST_AUTO_TEST_CASE(counts_as_redis_does)
{
    test::redis_server server;
    stack<Redis>::with<ServerStats>::with<Prefix> cache{Redis{.path = server.path(), .database = 3}, Prefix{"p."}};
    stack<Redis>::with<ServerStats> other{Redis{.path = server.path(), .database = 10}};
    auto counted = cache.layer<ServerStats>();
    BOOST_CHECK(counted.hit_rate() == 0.0);
    BOOST_CHECK(counted.snapshot()->entries == 0u);
    for (int i = 0; i < 3; ++i) BOOST_REQUIRE(cache.put(i, std::string(1000, 'x')));
    BOOST_REQUIRE(other.put("key", "value"));
    for (int i = 0; i < 4; ++i) BOOST_CHECK(cache.get(i).hit() == (i < 3));
    for (auto const& found : cache.get_many({"0", "1", "2", "none"})) static_cast<void>(found);
    BOOST_CHECK(counted.hits().value() == 6u);
    BOOST_CHECK(counted.misses().value() == 2u);
    BOOST_CHECK_CLOSE(counted.hit_rate(), 0.75, 1e-9);
    BOOST_CHECK(counted.snapshot()->entries == 3u);
    BOOST_CHECK(other.layer<ServerStats>().snapshot()->entries == 1u);
    BOOST_CHECK(counted.snapshot()->bytes > 100'000u);
    server.kill();
    BOOST_CHECK(counted.snapshot().failed());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_down_has_no_hit_rate)
{
    stack<Memcached>::with<ServerStats>::with<Stats> cache{
        Memcached{.servers = {"127.0.0.1:" + std::to_string(test::free_port())}}};
    BOOST_CHECK(std::isnan(cache.layer<ServerStats>().hit_rate()));
    BOOST_CHECK(cache.layer<ServerStats>().snapshot().error() == errc::unavailable);
    BOOST_CHECK(cache.layer<ServerStats>().hits().error() == errc::unavailable);
}
