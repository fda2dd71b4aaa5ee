#define BOOST_TEST_MODULE store_memcached_threads
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"

#include <strata/memcached.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;

BOOST_AUTO_TEST_CASE(waiting_for_a_connection_ends_too)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 300ms, .connections = 1}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.stop();
    std::vector<std::thread> threads;
    std::atomic<int> late{0};
    std::atomic<int> failed{0};
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            auto const error = cache.get("key").error();
            late += error == errc::timed_out;
            failed += error == errc::timed_out || error == errc::unavailable;
        });
    }
    for (auto& one : threads) one.join();
    BOOST_CHECK(late >= 1);
    BOOST_CHECK(failed == 6);
    server.cont();
    BOOST_CHECK(test::wait_until([&] { return cache.get("key").hit(); }));
}

/// Nor does it go on when the server is gone: all who wait for the one connection are told, and not only the first.
BOOST_AUTO_TEST_CASE(nobody_waits_for_a_connection_to_a_server_that_is_gone)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{
        .servers = {server.address()}, .timeout = 60s, .connections = 1, .min_backoff = 1h, .max_backoff = 1h}};
    server.stop();
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] { refused += cache.put("key", "value").error() == errc::unavailable; });
    }
    std::this_thread::sleep_for(100ms); // who comes later has not waited, and fails too
    server.kill();
    BOOST_CHECK(test::wait_until([&] { return refused == 6; }));
    for (auto& one : threads) one.join();
}

BOOST_AUTO_TEST_CASE(many_threads_share_few_connections)
{
    memcached_server const server{memcached_server::by::path};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 3}};
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 400; ++i) {
                std::string const key = std::to_string(t) + "." + std::to_string(i % 50);
                std::string const value = key + " = " + std::string(static_cast<std::size_t>(i), 'v');
                if (!cache.put(key, value)) ++wrong;
                auto const found = cache.get(key);
                if (!found || *found != value) ++wrong;
                auto const many = cache.get_many({std::string_view{key}, "none"});
                if (!many[0] || *many[0] != value || !many[1].miss()) ++wrong;
            }
        });
    }
    for (auto& one : threads) one.join();
    BOOST_CHECK(wrong == 0);
    // Two are the test's own: one that saw the server come up, and the one that asks.
    BOOST_CHECK(server.count("total_connections") <= 3u + 3u);
}

BOOST_AUTO_TEST_CASE(under_kills_no_value_is_another_keys)
{
    memcached_server server;
    stack<Memcached> cache{
        Memcached{.servers = {server.address()}, .timeout = 50ms, .connections = 4, .max_backoff = 20ms}};
    std::atomic<bool> ending{false};
    std::atomic<int> wrong{0};
    std::atomic<int> hits{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 6; ++t) {
        threads.emplace_back([&, t] {
            std::minstd_rand random{t + 1};
            while (!ending) {
                std::string const key = "key" + std::to_string(random() % 10);
                std::string const value = key + std::string(random() % 30'000, 'v');
                static_cast<void>(cache.put(key, value));
                std::string const other = "key" + std::to_string(random() % 10);
                for (auto const& found : {cache.get(other), cache.get_many({std::string_view{other}, key})[0]}) {
                    if (!found) continue;
                    ++hits;
                    bool const own = found->starts_with(other) &&
                                     found->find_first_not_of('v', other.size()) == found->npos;
                    if (!own) ++wrong;
                }
            }
        });
    }
    for (int round = 0; round < 12; ++round) {
        int const before = hits;
        BOOST_CHECK(test::wait_until([&] { return hits > before + 20; }));
        if (round % 3 == 0) {
            server.restart();
        } else {
            server.stop();
            std::this_thread::sleep_for(round % 3 == 1 ? 10ms : 80ms);
            server.cont();
        }
    }
    ending = true;
    for (auto& one : threads) one.join();
    BOOST_CHECK(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_child_makes_connections_of_its_own)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 1}};
    BOOST_REQUIRE(cache.put("key", "parent"));
    auto const before = server.count("total_connections");
    ::pid_t const child = ::fork();
    if (child == 0) {
        for (int i = 0; i < 500; ++i) {
            auto const found = cache.get("key");
            if (!found || *found != "parent" || !cache.put("child", "child")) ::_exit(1);
        }
        ::_exit(0);
    }
    for (int i = 0; i < 500; ++i) {
        BOOST_CHECK(cache.get("key").value() == "parent");
        BOOST_CHECK(cache.get("none").miss());
    }
    int state = 0;
    BOOST_REQUIRE(::waitpid(child, &state, 0) == child);
    BOOST_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    BOOST_CHECK(cache.get("child").value() == "child");
    BOOST_CHECK(server.count("total_connections") == before + 2); // the child's, and the test's
}
