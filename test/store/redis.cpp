#define BOOST_TEST_MODULE store_redis
#include <boost/test/unit_test.hpp>

#include "../support/redis_server.hpp"

#include <strata/redis.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using Cache = stack<Redis>::with<Prefix>;

long long remaining(test::redis_server const& server, std::string const& key)
{
    return std::stoll(server.ask({"PTTL", key}));
}

} // namespace

BOOST_AUTO_TEST_CASE(what_the_server_is_told)
{
    test::redis_server server;
    Cache cache{Redis{.port = server.port(), .ttl = 90s}, Prefix{"p."}};
    BOOST_REQUIRE(cache.put("a", "1"));
    BOOST_CHECK(server.ask({"GET", "p.a"}) == "1");
    BOOST_CHECK(remaining(server, "p.a") > 60'000 && remaining(server, "p.a") <= 90'000);
    BOOST_REQUIRE(cache.put("a", "2", 1500ms));
    BOOST_CHECK(remaining(server, "p.a") <= 1500);
    BOOST_REQUIRE(cache.put("a", "3", forever));
    BOOST_CHECK(remaining(server, "p.a") == -1);
    BOOST_REQUIRE(cache.put("a", "4", std::chrono::hours{24 * 365 * 200'000'000LL}));
    BOOST_CHECK(cache.get("a").value() == "4");
    BOOST_REQUIRE(cache.add("b", "5", 20s));
    BOOST_CHECK(remaining(server, "p.b") > 0);
    BOOST_CHECK(cache.add("b", "6", forever).error() == errc::exists);
    BOOST_CHECK(remaining(server, "p.b") > 0);
}

BOOST_AUTO_TEST_CASE(touch_knows_entries_that_never_expire)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path()}, Prefix{"p."}};
    BOOST_REQUIRE(cache.put("a", "1", 10s));
    BOOST_CHECK(cache.touch("a", forever).hit());
    BOOST_CHECK(remaining(server, "p.a") == -1);
    BOOST_CHECK(cache.touch("a", forever).hit());
    BOOST_CHECK(cache.touch("none", forever).miss());
    BOOST_CHECK(cache.touch("none", 10s).miss());
    BOOST_CHECK(cache.touch("a", 10s).hit());
    BOOST_CHECK(remaining(server, "p.a") > 0);
}

BOOST_AUTO_TEST_CASE(an_empty_value_is_a_hit)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path()}, Prefix{}};
    BOOST_REQUIRE(cache.put("", ""));
    BOOST_CHECK(cache.get("").value().empty());
    std::string out = "before";
    BOOST_CHECK(cache.get_to("", out).hit());
    BOOST_CHECK(out.empty());
    auto const many = cache.get_many({"", "none", ""});
    BOOST_CHECK(many[0].hit() && many[1].miss() && many[2].hit());
}

BOOST_AUTO_TEST_CASE(login_and_database_are_replayed)
{
    test::redis_server server{{"--requirepass", "open sesame"}};
    server.ask({"ACL", "SETUSER", "cache", "on", ">hush", "~*", "+@all"});
    for (std::string const user : {"", "default", "cache"}) {
        std::string const password = user == "cache" ? "hush" : "open sesame";
        stack<Redis> cache{
            Redis{.path = server.path(), .user = user, .password = password, .database = 3, .client_name = "tester"}};
        BOOST_REQUIRE(cache.put("key", user));
        BOOST_CHECK(server.ask({"CLIENT", "LIST"}).find("name=tester") != std::string::npos);
        BOOST_CHECK(server.ask({"GET", "key"}) == "(nil)"); // that is database 0
        server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        BOOST_CHECK(cache.get("key").value() == user);
        std::string const clients = server.ask({"CLIENT", "LIST"});
        BOOST_CHECK(clients.find("name=tester") != std::string::npos);
        BOOST_CHECK(clients.find("db=3") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(wrong_credentials_are_unauthorized)
{
    test::redis_server server{{"--requirepass", "open sesame"}};
    Redis policy{.path = server.path(), .max_backoff = 10ms};
    BOOST_CHECK(stack<Redis>{policy}.get("key").error() == errc::unauthorized);
    policy.password = "wrong";
    stack<Redis> wrong{policy};
    auto const found = wrong.get("key");
    BOOST_CHECK(found.error() == errc::unauthorized);
    BOOST_CHECK(!found.error_text().empty());
    BOOST_CHECK(found.error_text().find("wrong\"") == std::string_view::npos);
    policy.user = "nobody";
    BOOST_CHECK(stack<Redis>{policy}.put("key", "value").error() == errc::unauthorized);

    server.ask({"ACL", "SETUSER", "reader", "on", ">hush", "~*", "+get"});
    policy.user = "reader";
    policy.password = "hush";
    stack<Redis> reader{policy};
    BOOST_CHECK(reader.get("key").miss());
    BOOST_CHECK(reader.put("key", "value").error() == errc::unauthorized);
    BOOST_CHECK(reader.get("key").miss());
}

/// A server that does not know a command repeats its arguments.
BOOST_AUTO_TEST_CASE(errors_tell_neither_secrets_nor_keys)
{
    test::redis_server server{{"--rename-command", "AUTH", "", "--rename-command", "GET", ""}};
    for (std::string const user : {"", "somebody"}) {
        stack<Redis> cache{Redis{.path = server.path(), .user = user, .password = "open sesame"}};
        auto const found = cache.get("key");
        BOOST_CHECK(found.error() == errc::rejected);
        BOOST_CHECK(found.error_text() == "ERR unknown command 'AUTH'");
    }
    stack<Redis> cache{Redis{.path = server.path()}};
    auto const found = cache.get("key of somebody");
    BOOST_CHECK(found.error() == errc::rejected);
    BOOST_CHECK(found.error_text() == "ERR unknown command 'GET'");
}

BOOST_AUTO_TEST_CASE(a_database_that_does_not_exist_is_refused)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.path = server.path(), .database = 9999}};
    auto const found = cache.get("key");
    BOOST_CHECK(found.error() == errc::rejected);
    BOOST_CHECK(!found.error_text().empty());
}

BOOST_AUTO_TEST_CASE(batches_keep_each_outcome)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path()}, Prefix{"p."}};
    constexpr int count = 10'000; // more than one MGET takes
    std::vector<std::pair<std::string, std::string>> entries;
    std::vector<std::string> keys;
    for (int i = 0; i < count; ++i) {
        keys.push_back(std::to_string(i));
        if (i % 3 != 0) entries.emplace_back(keys.back(), "value " + keys.back());
    }
    for (auto const& done : cache.put_many(entries)) BOOST_REQUIRE(done);
    auto const found = cache.get_many(keys);
    for (int i = 0; i < count; ++i) {
        auto const& one = found[static_cast<std::size_t>(i)];
        BOOST_REQUIRE(i % 3 == 0 ? one.miss() : one.hit() && *one == "value " + std::to_string(i));
    }
    BOOST_CHECK(cache.size().value() == entries.size());
    auto const gone = cache.erase_many(keys);
    for (int i = 0; i < count; ++i) {
        BOOST_REQUIRE(i % 3 == 0 ? gone[static_cast<std::size_t>(i)].miss() : gone[static_cast<std::size_t>(i)].hit());
    }
    BOOST_CHECK(cache.size().value() == 0u);
}

BOOST_AUTO_TEST_CASE(a_batch_with_a_failure_in_it)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path(), .max_value_bytes = 100}, Prefix{"p."}};
    std::string const large(101, 'x');
    auto const done = cache.put_many({{"a", "1"}, {"b", large}, {"c", "3"}});
    BOOST_CHECK(done[0] && done[2]);
    BOOST_CHECK(done[1].error() == errc::too_large);
    BOOST_CHECK(cache.get("b").miss());
    BOOST_CHECK(cache.put("b", large).error() == errc::too_large);
    auto const found = cache.get_many({"a", "b", "c"});
    BOOST_CHECK(found[0].value() == "1" && found[1].miss() && found[2].value() == "3");
}

BOOST_AUTO_TEST_CASE(what_others_have_put_there)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.path = server.path(), .max_value_bytes = 1000}};
    server.ask({"RPUSH", "list", "1"});
    server.ask({"SET", "large", std::string(1001, 'x')});
    server.ask({"SET", "huge", std::string(1'000'000, 'x')});
    server.ask({"SET", "good", "value"});
    auto const list = cache.get("list");
    BOOST_CHECK(list.error() == errc::rejected);
    BOOST_CHECK(list.error_text().starts_with("WRONGTYPE"));
    BOOST_CHECK(cache.get("large").error() == errc::too_large);
    BOOST_CHECK(cache.get("good").value() == "value");
    BOOST_CHECK(cache.get("huge").error() == errc::too_large);
    BOOST_CHECK(cache.get("good").value() == "value");
    auto const many = cache.get_many({"good", "list", "large", "good"});
    BOOST_CHECK(many[0].value() == "value");
    BOOST_CHECK(many[1].miss()); // MGET does not tell
    BOOST_CHECK(many[2].error() == errc::too_large);
    BOOST_CHECK(many[3].value() == "value");
    BOOST_CHECK(cache.get("good").value() == "value");
}

BOOST_AUTO_TEST_CASE(errors_of_the_server)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.path = server.path(), .max_backoff = 10ms}};
    BOOST_REQUIRE(cache.put("key", "value"));

    server.ask({"CONFIG", "SET", "maxmemory", "1"});
    auto done = cache.put("key", "other");
    BOOST_CHECK(done.error() == errc::rejected);
    BOOST_CHECK(done.error_text().starts_with("OOM"));
    BOOST_CHECK(cache.get("key").value() == "value");
    auto const many = cache.put_many({{"a", "1"}, {"b", "2"}});
    BOOST_CHECK(many[0].error() == errc::rejected && many[1].error() == errc::rejected);
    server.ask({"CONFIG", "SET", "maxmemory", "0"});

    server.ask({"REPLICAOF", "127.0.0.1", "1"});
    done = cache.put("key", "other");
    BOOST_CHECK(done.error() == errc::rejected);
    BOOST_CHECK(done.error_text().starts_with("READONLY"));
    for (lifetime const ttl : {lifetime{5s}, lifetime{forever}}) {
        auto const touched = cache.touch("key", ttl);
        BOOST_CHECK(touched.error() == errc::rejected);
        BOOST_CHECK(touched.error_text().starts_with("READONLY"));
    }
    server.ask({"CONFIG", "SET", "replica-serve-stale-data", "no"});
    auto const stale = cache.get("key");
    BOOST_CHECK(stale.error() == errc::unavailable);
    BOOST_CHECK(stale.error_text().starts_with("MASTERDOWN"));
    server.ask({"REPLICAOF", "NO", "ONE"});
    BOOST_CHECK(test::wait_until([&] { return bool{cache.put("key", "again")}; }));
}

BOOST_AUTO_TEST_CASE(a_value_over_the_servers_limit_is_too_large)
{
    test::redis_server server{{"--proto-max-bulk-len", "1mb"}};
    for (bool const tcp : {true, false}) {
        stack<Redis> cache{Redis{.port = server.port(), .path = tcp ? "" : server.path()}};
        BOOST_REQUIRE(cache.put("key", "value"));
        BOOST_CHECK(cache.put("key", std::string((1 << 20) + 1, 'x')).error() == errc::too_large);
        BOOST_CHECK(cache.get("key").value() == "value");
        BOOST_CHECK(cache.put("key", std::string(8 << 20, 'x')).error() == errc::too_large);
        BOOST_CHECK(cache.get("key").value() == "value");
        BOOST_CHECK(cache.put("key", std::string(1 << 20, 'x')));
        BOOST_CHECK(cache.get("key").value().size() == 1 << 20);
    }
}

/// It closes the connection while the key is sent, and does not say which one it was: no other one is tried again.
BOOST_AUTO_TEST_CASE(a_key_over_the_servers_limit_is_too_large)
{
    test::redis_server server{{"--proto-max-bulk-len", "1mb"}};
    stack<Redis> cache{Redis{.path = server.path(), .timeout = 20s, .connections = 1}};
    BOOST_REQUIRE(cache.put("first", "value"));
    auto const connections = [&] {
        std::string const stats = server.ask({"INFO", "stats"});
        return std::stol(stats.substr(stats.find("connections_received:") + 21));
    };
    long const before = connections();
    auto const found = cache.get_many({std::string{"first"}, std::string(20'000'000, 'k'), std::string{"last"}});
    for (auto const& one : found) BOOST_CHECK(one.error() == errc::too_large);
    BOOST_CHECK(connections() == before + 1); // to ask that
    BOOST_CHECK(cache.get("first").value() == "value");
}

BOOST_AUTO_TEST_CASE(too_many_clients)
{
    test::redis_server server{{"--maxclients", "1"}};
    stack<Redis> first{Redis{.path = server.path()}};
    BOOST_REQUIRE(test::wait_until([&] { return bool{first.put("key", "value")}; }));
    stack<Redis> second{Redis{.path = server.path()}};
    auto const found = second.get("key");
    BOOST_CHECK(found.error() == errc::unavailable);
    BOOST_CHECK(found.error_text().find("max number of clients") != std::string_view::npos);
    BOOST_CHECK(first.get("key").value() == "value");
}

BOOST_AUTO_TEST_CASE(clear_takes_its_own_entries_alone)
{
    test::redis_server server;
    for (std::string const& prefix :
         std::vector<std::string>{"p.", "a*b", "[x]", "?", "back\\slash", "^-", std::string("\0\r\n", 3)}) {
        server.ask({"FLUSHALL"});
        for (std::string const other : {"p", "q.x", "aXb1", "x1", "z", "backslash1", "-", ""}) {
            server.ask({"SET", other, "not ours"});
        }
        auto const others = std::stoul(server.ask({"DBSIZE"}));
        Cache cache{Redis{.path = server.path()}, Prefix{prefix}};
        for (int i = 0; i < 3000; ++i) server.ask({"SET", prefix + std::to_string(i), "ours"});
        BOOST_CHECK(cache.size().value() == 3000u);
        BOOST_CHECK(cache.clear());
        BOOST_CHECK(cache.size().value() == 0u);
        BOOST_CHECK(std::stoul(server.ask({"DBSIZE"})) == others);
    }
}

BOOST_AUTO_TEST_CASE(a_whole_database_by_its_setting_alone)
{
    test::redis_server server;
    server.ask({"SET", "other database", "x"});
    stack<Redis> guest{Redis{.path = server.path(), .database = 1}};
    stack<Redis> owner{Redis{.path = server.path(), .database = 1, .owns_database = true}};
    BOOST_REQUIRE(guest.put("a", "1"));
    BOOST_REQUIRE(guest.put("b", "1"));
    BOOST_CHECK(guest.clear().error() == errc::unsupported);
    BOOST_CHECK(guest.size().error() == errc::unsupported);
    BOOST_CHECK(owner.size().value() == 2u);
    BOOST_CHECK(owner.clear());
    BOOST_CHECK(owner.size().value() == 0u);
    BOOST_CHECK(guest.get("a").miss());
    BOOST_CHECK(server.ask({"GET", "other database"}) == "x");
}
