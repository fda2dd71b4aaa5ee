#define BOOST_TEST_MODULE store_server_counters
#include <boost/test/unit_test.hpp>

#include "../support/peer.hpp"

#include <strata/layer/server_stats.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::peer;
using test::peer_connection;

namespace strata {

bool operator==(server_counters const& a, server_counters const& b)
{
    return a.hits == b.hits && a.misses == b.misses && a.entries == b.entries && a.bytes == b.bytes;
}

} // namespace strata

namespace {

constexpr std::uint64_t most = UINT64_MAX;

/// What `Redis` reads from a server that answers INFO with `reply`.
lookup<server_counters> counted_by_redis(std::string const& reply)
{
    peer const server{[&](peer_connection& client, int) {
        if (!client.read_until("PING\r\n") || !client.write("+PONG\r\n")) return;
        if (!client.read_until("INFO\r\n") || !client.write(reply)) return;
        client.hold();
    }};
    stack<Redis>::with<ServerStats> cache{Redis{.port = server.port(), .timeout = 20s}};
    return cache.layer<ServerStats>().snapshot();
}

std::string bulk(std::string const& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

using statistics = std::vector<std::pair<std::string, std::string>>;

std::string big_endian(std::uint64_t number, std::size_t bytes)
{
    std::string text;
    for (std::size_t i = bytes; i-- > 0;) text.push_back(static_cast<char>(number >> (8 * i)));
    return text;
}

/// One reply of memcached's binary protocol to the STAT whose number is `opaque`.
std::string statistic(std::string_view opaque, std::string const& name, std::string const& value)
{
    return std::string{"\x81\x10"} + big_endian(name.size(), 2) + big_endian(0, 2) + big_endian(0, 2) +
           big_endian(name.size() + value.size(), 4) + std::string{opaque} + big_endian(0, 8) + name + value;
}

/// A memcached that has counted what it is told.
peer::script tells(statistics what)
{
    return [what](peer_connection& client, int) {
        for (std::string request = client.read(); request.size() >= 24; request = client.read()) {
            std::string_view const opaque = std::string_view{request}.substr(12, 4);
            std::string all;
            for (auto const& [name, value] : what) all += statistic(opaque, name, value);
            if (!client.write(all + statistic(opaque, "", ""))) return;
        }
    };
}

lookup<server_counters> sum_of_memcacheds(std::vector<peer const*> const& servers)
{
    Memcached settings{.timeout = 20s};
    settings.servers.clear();
    for (auto const* server : servers) settings.servers.push_back("127.0.0.1:" + std::to_string(server->port()));
    stack<Memcached>::with<ServerStats> cache{settings};
    return cache.layer<ServerStats>().snapshot();
}

lookup<server_counters> counted_by_memcached(statistics what)
{
    peer const server{tells(std::move(what))};
    return sum_of_memcacheds({&server});
}

} // namespace

BOOST_AUTO_TEST_CASE(a_hit_rate_is_a_share_of_what_was_asked)
{
    BOOST_CHECK(server_counters{}.hit_rate() == 0.0);
    BOOST_CHECK((server_counters{.hits = 5}.hit_rate() == 1.0));
    BOOST_CHECK((server_counters{.misses = 5}.hit_rate() == 0.0));
    BOOST_CHECK((server_counters{.hits = 3, .misses = 1}.hit_rate() == 0.75));
    BOOST_CHECK((server_counters{.hits = most, .misses = most}.hit_rate() == 0.5)); // their sum is no 64-bit number
}

BOOST_AUTO_TEST_CASE(redis_counters_begin_a_line)
{
    auto const counted = counted_by_redis(
        bulk("# Stats\r\nold_keyspace_hits:7\r\nkeyspace_hits:3\r\nkeyspace_misses:18446744073709551615\r\n"
             "used_memory_peak:9\r\nused_memory:1024\r\n# Keyspace\r\ndb10:keys=4,expires=0\r\n"
             "db0:keys=5,expires=1\r\n"));
    BOOST_CHECK((counted.value() == server_counters{.hits = 3, .misses = most, .entries = 5, .bytes = 1024}));
}

BOOST_AUTO_TEST_CASE(what_redis_does_not_tell_is_zero)
{
    for (std::string const text :
         {"", "\r\n", "keyspace_hits", "keyspace_hits:", "keyspace_hits:\r\nkeyspace_misses:x1\r\n", "db0:keys=,\r\n",
          "keyspace_hits:-1\r\nused_memory:\xff\xff\r\n", "db1:keys=3", " db0:keys=3\r\n"}) {
        BOOST_TEST_CONTEXT(text) { BOOST_CHECK(counted_by_redis(bulk(text)).value() == server_counters{}); }
    }
}

BOOST_AUTO_TEST_CASE(a_number_of_redis_that_is_too_large_is_not_another_one)
{
    auto const counted =
        counted_by_redis(bulk("keyspace_hits:18446744073709551616\r\nkeyspace_misses:2\r\nused_memory:" +
                              std::string(1000, '9')));
    BOOST_CHECK((counted.value() == server_counters{.misses = 2}));
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_no_count)
{
    BOOST_CHECK(counted_by_redis("-ERR no such thing\r\n").error() == errc::rejected);
    BOOST_CHECK(counted_by_redis("-ERR no such thing\r\n").error_text() == "ERR no such thing");
    BOOST_CHECK(counted_by_redis("-NOAUTH Authentication required.\r\n").error() == errc::unauthorized);
    for (std::string const reply :
         {":5\r\n", "*1\r\n$1\r\nx\r\n", "$-1\r\n", "nonsense\r\n", "$5\r\nkeyspace_hits:1\r\n"}) {
        BOOST_TEST_CONTEXT(reply) { BOOST_CHECK(counted_by_redis(reply).error() == errc::protocol); }
    }
}

BOOST_AUTO_TEST_CASE(memcached_counters_are_summed)
{
    peer const a{tells({{"get_hits", "3"}, {"get_misses", "1"}, {"curr_items", "10"}, {"bytes", "700"}})};
    peer const b{
        tells({{"get_hits", "4"}, {"get_misses", "0"}, {"curr_items", "0"}, {"bytes", "18446744073709550000"}})};
    BOOST_CHECK((sum_of_memcacheds({&a, &b}).value() ==
                 server_counters{.hits = 7, .misses = 1, .entries = 10, .bytes = 18446744073709550700u}));
    peer const unknown{tells({{"time", "1"}, {"version", "1.6.18"}, {"get_hits_total", "5"}, {"Bytes", "6"}})};
    BOOST_CHECK(sum_of_memcacheds({&unknown}).value() == server_counters{});
}

BOOST_AUTO_TEST_CASE(what_is_no_number_of_memcached_counts_nothing)
{
    for (std::string const text : {"", " ", "x", "-1", "+1", " 1", "1 ", "1x", "0x10", "1.5", "18446744073709551616",
                                   "99999999999999999999999999", "\xff\xff"}) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_CHECK((counted_by_memcached({{"get_hits", text}, {"get_misses", "2"}}).value() ==
                         server_counters{.misses = 2}));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_memcached_that_refuses_or_stops_has_counted_nothing)
{
    peer const closes{[](peer_connection& client, int) {
        std::string const request = client.read();
        if (request.size() >= 24) client.write(statistic(request.substr(12, 4), "get_hits", "3"));
    }};
    BOOST_CHECK(sum_of_memcacheds({&closes}).failed());
    peer const fine{tells({{"get_hits", "3"}})};
    BOOST_CHECK(sum_of_memcacheds({&fine, &closes}).failed()); // a part is no sum
    peer const babbles{[](peer_connection& client, int) {
        if (!client.read().empty()) client.write("STAT get_hits 3\r\nSTAT get_misses 1\r\nEND\r\n");
        client.hold();
    }};
    BOOST_CHECK(sum_of_memcacheds({&babbles}).error() == errc::protocol);
}
