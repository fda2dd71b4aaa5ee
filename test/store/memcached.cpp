#define BOOST_TEST_MODULE store_memcached
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/plain_keys.hpp"

#include <strata/layer/prefix.hpp>
#include <strata/memcached.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;

using Cache = stack<Memcached>::with<Prefix>;

BOOST_AUTO_TEST_CASE(what_the_server_is_told)
{
    memcached_server const server;
    Cache cache{Memcached{.servers = {server.address()}, .ttl = 90s}, Prefix{"p."}};
    auto const about = [&](std::string const& key, long long seconds) {
        long long const left = server.remaining(key);
        return left <= seconds && left >= seconds - 20;
    };
    BOOST_REQUIRE(cache.put("a", "1"));
    BOOST_CHECK(server.value("p.a") == "1");
    BOOST_CHECK(about("p.a", 90));
    BOOST_REQUIRE(cache.put("a", "2", forever));
    BOOST_CHECK(server.remaining("p.a") == -1);
    BOOST_REQUIRE(cache.add("b", "3", 50s));
    BOOST_CHECK(about("p.b", 50));
    BOOST_CHECK(cache.add("b", "4", forever).error() == errc::exists);
    BOOST_CHECK(about("p.b", 50));
    BOOST_CHECK(server.value("p.b") == "3");
    BOOST_CHECK(cache.touch("b", 500s).hit());
    BOOST_CHECK(about("p.b", 500));
    BOOST_CHECK(cache.touch("b", forever).hit());
    BOOST_CHECK(server.remaining("p.b") == -1);
    BOOST_CHECK(server.value("p.b") == "3");
    BOOST_CHECK(cache.touch("none", 10s).miss());
    for (auto const& done : cache.put_many({{"c", "5"}, {"d", "6"}}, 70s)) BOOST_CHECK(done);
    BOOST_CHECK(about("p.c", 70) && about("p.d", 70));
}

BOOST_AUTO_TEST_CASE(clear_is_not_of_whole_seconds)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .owns_servers = true}};
    for (int i = 0; i < 50; ++i) {
        BOOST_REQUIRE(cache.put("key", "value"));
        BOOST_REQUIRE(cache.clear());
        BOOST_CHECK(cache.get("key").miss());
        BOOST_REQUIRE(cache.put("key", "value"));
        BOOST_CHECK(cache.get("key").hit());
    }
}

BOOST_AUTO_TEST_CASE(lifetimes_over_thirty_days_are_not_taken_for_times_past)
{
    using days = std::chrono::duration<int, std::ratio<86400>>;
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    for (int n : {29, 30, 31, 365, 3650, 20'000}) {
        BOOST_REQUIRE(cache.put("key", "value", days{n}));
        BOOST_CHECK(cache.get("key").value() == "value");
        long long const left = server.remaining("key");
        BOOST_CHECK(left <= n * 86400LL + 1 && left > n * 86400LL - 60);
        BOOST_REQUIRE(cache.put("key", "value", 1h));
        BOOST_CHECK(cache.touch("key", days{n}).hit());
        BOOST_CHECK(server.remaining("key") > n * 86400LL - 60);
        BOOST_CHECK(cache.get("key").hit());
    }
    BOOST_REQUIRE(cache.put("key", "value", days{30} + 1ms));
    BOOST_CHECK(server.remaining("key") > 29 * 86400LL);
    BOOST_REQUIRE(cache.put("key", "value", days{1'000'000})); // more than the protocol can say
    BOOST_CHECK(server.remaining("key") == -1);
}

BOOST_AUTO_TEST_CASE(fractions_of_a_second_are_rounded_up)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    BOOST_REQUIRE(cache.put("key", "value", 89s + 1ms));
    BOOST_CHECK(server.remaining("key") > 85);
    // Less than a second is one, and not for ever. The server's clock may tick in between: then it was there before.
    bool seen = false;
    BOOST_CHECK(test::wait_until([&] {
        BOOST_REQUIRE(cache.put("key", "value", 1ms));
        return (seen = cache.get("key").hit());
    }));
    BOOST_CHECK(test::wait_until([&] { return cache.get("key").miss(); }));
}

BOOST_AUTO_TEST_CASE(an_empty_value_is_a_hit)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    BOOST_REQUIRE(cache.put("", ""));
    BOOST_CHECK(cache.get("").value().empty());
    std::string out = "before";
    BOOST_CHECK(cache.get_to("", out).hit());
    BOOST_CHECK(out.empty());
    BOOST_CHECK(cache.contains("").hit());
    auto const many = cache.get_many({"", "none", ""});
    BOOST_CHECK(many[0].hit() && many[1].miss() && many[2].hit());
}

BOOST_AUTO_TEST_CASE(contains_leaves_everything_as_it_is)
{
    for (std::vector<std::string> const& options : {std::vector<std::string>{}, std::vector<std::string>{"-C"}}) {
        memcached_server const server{memcached_server::by::path, options};
        stack<Memcached> cache{Memcached{.servers = {server.address()}}};
        std::string const value(500'000, 'v');
        BOOST_REQUIRE(cache.put("key", value, 100s));
        auto const sent = server.count("bytes_written");
        for (int i = 0; i < 10; ++i) {
            BOOST_CHECK(cache.contains("key").hit());
            BOOST_CHECK(cache.contains("none").miss());
        }
        BOOST_CHECK(server.count("bytes_written") < sent + 100'000);
        BOOST_CHECK(server.count("curr_items") == 1u);
        BOOST_CHECK(server.remaining("key") <= 100);
        BOOST_CHECK(cache.get("key").value() == value);
        BOOST_CHECK(cache.add("none", "1"));
    }
}

BOOST_AUTO_TEST_CASE(too_large_is_said_and_the_connection_survives)
{
    memcached_server const server; // takes items of 1 MiB
    for (std::size_t size : {std::size_t{1} << 20, std::size_t{3} << 20, std::size_t{40} << 20}) {
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        std::string const large(size, 'x');
        BOOST_REQUIRE(cache.put("key", "small"));
        auto const connections = server.count("total_connections");
        auto const done = cache.put("other", large);
        BOOST_CHECK(done.error() == errc::too_large);
        BOOST_CHECK(!done.error_text().empty());
        BOOST_CHECK(cache.get("other").miss());
        BOOST_CHECK(cache.add("other", large).error() == errc::too_large);
        BOOST_CHECK(cache.get("key").value() == "small");
        std::vector<std::pair<std::string, std::string>> const entries{
            {"a", "1"}, {"b", large}, {"c", "2"}, {"d", large}, {"e", "3"}};
        auto const stored = cache.put_many(entries);
        BOOST_CHECK(stored[0] && stored[2] && stored[4]);
        BOOST_CHECK(stored[1].error() == errc::too_large && stored[3].error() == errc::too_large);
        auto const found = cache.get_many({"a", "b", "c", "d", "e"});
        BOOST_CHECK(*found[0] == "1" && found[1].miss() && *found[2] == "2" && found[3].miss() && *found[4] == "3");
        // One for each question that the test itself has asked.
        BOOST_CHECK(server.count("total_connections") == connections + 1);
    }
}

BOOST_AUTO_TEST_CASE(max_value_bytes_bounds_both_directions)
{
    memcached_server const server;
    stack<Memcached> large{Memcached{.servers = {server.address()}}};
    stack<Memcached> small{Memcached{.servers = {server.address()}, .max_value_bytes = 1000}};
    BOOST_CHECK(small.put("key", std::string(1000, 'x')));
    BOOST_CHECK(small.get("key").hit());
    BOOST_CHECK(small.put("key", std::string(1001, 'x')).error() == errc::too_large);
    BOOST_CHECK(small.get("key").hit());
    auto const done = small.put_many({{"a", "1"}, {"key", std::string(1001, 'x')}, {"b", "2"}});
    BOOST_CHECK(done[0] && done[1].error() == errc::too_large && done[2]);
    BOOST_REQUIRE(large.put("key", std::string(1001, 'x')));
    BOOST_CHECK(small.get("key").error() == errc::too_large);
    BOOST_CHECK(small.get_many({"key"})[0].error() == errc::too_large);
    stack<Memcached> tiny{Memcached{.servers = {server.address()}, .max_value_bytes = 1, .owns_servers = true}};
    BOOST_CHECK(tiny.get("none").miss()); // the server says so in more than a byte
    BOOST_CHECK(tiny.size().hit());
    BOOST_CHECK(tiny.get("b").value() == "2");
    BOOST_REQUIRE(large.put("key", std::string(100'000, 'x')));
    auto const connections = server.count("total_connections");
    BOOST_CHECK(small.get_many({"key"})[0].error() == errc::too_large);
    auto const found = small.get_many({"a", "key", "none", "key", "b"});
    BOOST_CHECK(*found[0] == "1" && found[2].miss() && *found[4] == "2");
    BOOST_CHECK(found[1].error() == errc::too_large && found[3].error() == errc::too_large);
    BOOST_CHECK(server.count("total_connections") == connections + 1); // the test's own
    BOOST_CHECK(small.get("key").error() == errc::too_large);
    BOOST_CHECK(small.get("a").value() == "1");
}

BOOST_AUTO_TEST_CASE(clear_and_size_need_a_store_of_ones_own)
{
    memcached_server const a;
    memcached_server const b;
    std::vector<std::string> const servers{a.address(), b.address()};
    Cache guest{Memcached{.servers = servers}, Prefix{"p."}};
    Cache owner{Memcached{.servers = servers, .owns_servers = true}, Prefix{"p."}};
    for (int i = 0; i < 50; ++i) BOOST_REQUIRE(guest.put(i, std::to_string(i)));
    BOOST_CHECK(a.count("curr_items") > 0 && b.count("curr_items") > 0);
    BOOST_CHECK(guest.size().error() == errc::unsupported);
    BOOST_CHECK(guest.clear().error() == errc::unsupported);
    BOOST_CHECK(guest.get(7).value() == "7");
    BOOST_CHECK(owner.size().value() == 50u);
    BOOST_CHECK(owner.clear());
    for (int i = 0; i < 50; ++i) BOOST_CHECK(guest.get(i).miss());
    BOOST_REQUIRE(guest.put(7, "again"));
    BOOST_CHECK(guest.get(7).value() == "again");
}

/// Also where the keys are plain and go in text, in several lines of a request.
BOOST_AUTO_TEST_CASE(large_batches_keep_each_outcome)
{
    memcached_server const a{memcached_server::by::port, {"-m", "256"}};
    memcached_server const b{memcached_server::by::path, {"-m", "256"}};
    for (std::vector<std::string> const& servers :
         {std::vector<std::string>{a.address()}, std::vector<std::string>{a.address(), b.address()}}) {
        stack<Memcached> cache{Memcached{.servers = servers, .timeout = 20s}};
        for (std::string const start : {"key ", "k"}) {
            auto const keys = test::plain_keys(5000, start); // far more than socket buffers hold, in both directions
            std::vector<std::pair<std::string, std::string>> entries;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (i % 3 != 0) entries.emplace_back(keys[i], std::string(9000, 'v') + std::to_string(i));
            }
            for (auto const& done : cache.put_many(entries)) BOOST_REQUIRE(done);
            auto const found = cache.get_many(keys);
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (i % 3 == 0) {
                    BOOST_REQUIRE(found[i].miss());
                } else {
                    BOOST_REQUIRE(found[i].hit() && *found[i] == std::string(9000, 'v') + std::to_string(i));
                }
            }
            for (auto const& one : cache.get_many(std::vector<std::string>(5000, start + "none"))) {
                BOOST_REQUIRE(one.miss());
            }
            auto const gone = cache.erase_many(keys);
            for (std::size_t i = 0; i < keys.size(); ++i) BOOST_REQUIRE(i % 3 == 0 ? gone[i].miss() : gone[i].hit());
            BOOST_CHECK(a.count("get_misses") > 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_entry_is_found_on_the_server_that_libmemcached_chooses)
{
    memcached_server const a;
    memcached_server const b;
    memcached_server const c;
    stack<Memcached> cache{Memcached{.servers = {a.address(), b.address(), c.address()}}};
    memcached_st* const other = ::memcached_create(nullptr);
    ::memcached_behavior_set(other, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1);
    ::memcached_behavior_set(other, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    for (auto const* server : {&a, &b, &c}) ::memcached_server_add(other, "127.0.0.1", server->port());
    for (int i = 0; i < 100; ++i) {
        std::string const key = "key" + std::to_string(i);
        BOOST_REQUIRE(cache.put(key, key));
        std::size_t length = 0;
        std::uint32_t flags = 0;
        memcached_return_t outcome{};
        char* const value = ::memcached_get(other, key.data(), key.size(), &length, &flags, &outcome);
        BOOST_REQUIRE(outcome == MEMCACHED_SUCCESS);
        BOOST_CHECK((std::string{value, length} == key));
        std::free(value);
    }
    ::memcached_free(other);
}

BOOST_AUTO_TEST_CASE(keys_and_values_cannot_say_anything_to_the_server)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    BOOST_REQUIRE(cache.put("safe", "untouched"));
    std::string const evil = "a\r\nflush_all\r\nset safe 0 0 4\r\ngone\r\n";
    BOOST_REQUIRE(cache.put(evil, evil));
    BOOST_CHECK(cache.get(evil).value() == evil);
    BOOST_CHECK(cache.get("a").miss());
    BOOST_CHECK(cache.get("safe").value() == "untouched");
    BOOST_CHECK(cache.erase(evil).hit());
    BOOST_CHECK(cache.get("safe").value() == "untouched");
}

BOOST_AUTO_TEST_CASE(what_the_server_refuses_is_told_in_its_words)
{
    memcached_server const server{memcached_server::by::port, {"-M", "-m", "2"}}; // full instead of evicting
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    status done;
    for (int i = 0; i < 100'000 && done; ++i) done = cache.put(i, std::string(10'000, 'x'));
    BOOST_CHECK(done.error() == errc::rejected);
    BOOST_CHECK(done.error_text().find("ut of memory") != std::string_view::npos);
    BOOST_CHECK(cache.contains("none").miss());
}
