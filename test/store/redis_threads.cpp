#define BOOST_TEST_MODULE store_redis_threads
#include <boost/test/unit_test.hpp>

#include "../support/peer.hpp"
#include "../support/redis_server.hpp"
#include "../support/thread_sanitizer.hpp"

#include <strata/redis.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using Cache = stack<Redis>::with<Prefix>::with<Stats>;

/// Runs `f(n)` in `count` threads at once. The tools of Boost.Test are not for threads: `f` counts what it finds.
template <class F> void in_threads(int count, F f)
{
    std::vector<std::thread> threads;
    for (int n = 0; n < count; ++n) threads.emplace_back(f, n);
    for (auto& one : threads) one.join();
}

/// A value that says whose it is, of a length that the key does not tell.
std::string value_for(std::string const& key, unsigned long random)
{
    constexpr std::size_t lengths[] = {0, 1, 60, 1000, 5000, 30'000};
    return key + "=" + std::string(lengths[random % 6], static_cast<char>('a' + random % 26));
}

bool belongs(std::string const& key, std::string const& value) { return value.starts_with(key + "="); }

struct tally {
    std::atomic<long> wrong{0}, failed{0}, done{0}, late{0};
};

/// One thread's random operations on a few keys that all threads share.
void mix(Cache& cache, unsigned seed, std::atomic<bool> const& ending, int rounds, tally& count)
{
    std::minstd_rand random{seed};
    std::string out;
    for (int i = 0; i < rounds && !ending; ++i) {
        std::string const key = "key" + std::to_string(random() % 7);
        auto const note = [&](std::error_code const& error) { error ? ++count.failed : ++count.done; };
        auto const begin = std::chrono::steady_clock::now();
        switch (random() % 8) {
        case 0: note(cache.put(key, value_for(key, random())).error()); break;
        case 1: {
            std::string const other = "key" + std::to_string(random() % 7);
            std::vector<std::pair<std::string, std::string>> const entries{{key, value_for(key, random())},
                                                                           {other, value_for(other, random())}};
            for (auto const& one : cache.put_many(entries)) note(one.error());
            break;
        }
        case 2: note(cache.erase(key).error()); break;
        case 3: {
            std::vector<std::string> const keys{key, "key3", "none", "key5"};
            auto const found = cache.get_many(keys);
            for (std::size_t k = 0; k < keys.size(); ++k) {
                note(found[k].error());
                if (found[k].hit() && !belongs(keys[k], *found[k])) ++count.wrong;
                if (k == 2 && found[k].hit()) ++count.wrong;
            }
            break;
        }
        default: {
            auto const found = cache.get_to(key, out);
            note(found.error());
            if (found.hit() && !belongs(key, out)) ++count.wrong;
        }
        }
        if (std::chrono::steady_clock::now() - begin > 10s) ++count.late;
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(every_thread_gets_what_it_asked_for)
{
    test::redis_server server;
    for (std::size_t const connections : {1u, 2u, 4u}) {
        for (bool const tcp : {true, false}) {
            Cache cache{Redis{.port = server.port(),
                              .path = tcp ? "" : server.path(),
                              .timeout = 20s,
                              .connections = connections,
                              .client_name = "ours"},
                        Prefix{"p."}};
            tally count;
            std::atomic<bool> ending{false};
            in_threads(24, [&](int n) { mix(cache, static_cast<unsigned>(n + 1), ending, 400, count); });
            BOOST_CHECK(count.wrong == 0);
            BOOST_CHECK(count.failed == 0);
            BOOST_CHECK(count.done > 0);
            std::string const clients = server.ask({"CLIENT", "LIST"});
            std::size_t ours = 0;
            for (auto at = clients.find("name=ours"); at != clients.npos; ++ours) {
                at = clients.find("name=ours", at + 1);
            }
            BOOST_CHECK(ours >= 1 && ours <= connections);
        }
    }
}

BOOST_AUTO_TEST_CASE(nobody_is_given_anothers_value_while_connections_break)
{
    test::redis_server server;
    for (std::size_t const connections : {1u, 4u}) {
        Cache cache{Redis{.port = server.port(),
                          .connect_timeout = 500ms,
                          .timeout = 500ms,
                          .connections = connections,
                          .min_backoff = 1ms,
                          .max_backoff = 5ms},
                    Prefix{"p."}};
        tally count;
        std::atomic<bool> ending{false};
        std::thread breaker{[&] {
            std::minstd_rand random{7};
            for (int kills = 0; kills < 100 || count.done < 2000; ++kills) {
                server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
                std::this_thread::sleep_for(std::chrono::milliseconds{random() % 16});
            }
            ending = true;
        }};
        in_threads(24, [&](int n) { mix(cache, static_cast<unsigned>(n + 1), ending, 1'000'000'000, count); });
        breaker.join();
        BOOST_CHECK(count.wrong == 0);
        BOOST_CHECK(count.late == 0);
        BOOST_CHECK(count.done > 0);
        BOOST_CHECK(test::wait_until([&] { return bool{cache.put("key", "value")}; }));
        BOOST_TEST_MESSAGE(count.done << " done, " << count.failed << " failed");
    }
}

/// Leaders run into their deadlines all the time, hand over what is still to come, and come back.
BOOST_AUTO_TEST_CASE(nobody_is_given_anothers_value_while_the_server_stops)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path(),
                      .connect_timeout = 30ms,
                      .timeout = 30ms,
                      .connections = 2,
                      .min_backoff = 1ms,
                      .max_backoff = 5ms},
                Prefix{"p."}};
    tally count;
    std::atomic<bool> ending{false};
    std::atomic<int> running{8};
    std::vector<std::thread> threads;
    for (unsigned n = 1; n <= 8; ++n) {
        threads.emplace_back([&, n] {
            mix(cache, n, ending, 1'000'000, count);
            --running;
        });
    }
    std::minstd_rand random{3};
    for (int i = 0; i < 25; ++i) { // in this thread, as the server is its child
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 30});
        server.stop();
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 60});
        server.cont();
    }
    ending = true;
    for (auto& one : threads) one.join();
    BOOST_CHECK(count.wrong == 0);
    BOOST_CHECK(count.late == 0);
    BOOST_CHECK(count.done > 0);
    BOOST_CHECK(count.failed > 0);
    BOOST_CHECK(test::wait_until([&] { return bool{cache.put("key", "value")}; }));
    BOOST_TEST_MESSAGE(count.done << " done, " << count.failed << " failed");
}

/// All wait for one connection to a server that says nothing, and none for longer than its own time.
BOOST_AUTO_TEST_CASE(waiters_keep_their_own_deadlines)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (client.read_until("PING\r\n") && client.write("+PONG\r\n")) client.hold();
    }};
    Cache cache{Redis{.port = peer.port(), .timeout = 200ms, .connections = 1}, Prefix{"p."}};
    std::atomic<int> timed_out{0};
    std::atomic<int> other{0};
    auto const begin = std::chrono::steady_clock::now();
    std::string const large(100'000, 'x');
    in_threads(16, [&](int n) {
        auto const error = n % 4 == 0 ? cache.put("key", large).error() : cache.get("key").error();
        error == errc::timed_out ? ++timed_out : ++other;
    });
    BOOST_CHECK(std::chrono::steady_clock::now() - begin < 10s);
    BOOST_CHECK(timed_out + other == 16);
    BOOST_CHECK(timed_out > 0);
}

/// A value that is too large fails alone, whoever reads it for whom. Those that share its connection may have been
/// unlucky more than once.
BOOST_AUTO_TEST_CASE(a_value_that_is_too_large_is_nobody_elses)
{
    test::redis_server server;
    server.ask({"SET", "p.good", "value"});
    server.ask({"SET", "p.large", std::string(100'000, 'x')});
    Cache cache{Redis{.path = server.path(), .timeout = 20s, .connections = 1, .max_value_bytes = 1000}, Prefix{"p."}};
    std::atomic<long> hits{0};
    std::atomic<long> wrong{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                auto const found = cache.get_many({"good", "large", "good", "large", "good"});
                for (std::size_t i = 0; i < found.size(); ++i) {
                    auto const& one = found[i];
                    if (one.error() == errc::unavailable) continue;
                    wrong += i % 2 == 0 ? one.value_or("") != "value" : one.error() != errc::too_large;
                    hits += one.hit();
                }
            }
        });
    }
    for (auto& one : threads) one.join();
    BOOST_CHECK(wrong == 0);
    BOOST_CHECK(hits > 0);
}

/// While a large value is on its way, small ones pass it.
BOOST_AUTO_TEST_CASE(large_values_hold_nobody_up)
{
    std::atomic<bool> large_came{false};
    test::peer peer{[&](test::peer_connection& client, int) {
        if (!client.read_until("PING\r\n") || !client.write("+PONG\r\n")) return;
        for (;;) {
            std::string const request = client.read();
            if (request.empty()) return;
            if (request.find("SET") != std::string::npos) {
                large_came = true;
                client.hold();
                return;
            }
            client.write("$5\r\nsmall\r\n");
        }
    }};
    Cache cache{Redis{.port = peer.port(), .timeout = 5s, .connections = 2}, Prefix{"p."}};
    std::thread writer{[&] { static_cast<void>(cache.put("key", std::string(1 << 20, 'x'), 1s)); }};
    bool const came = test::wait_until([&] { return large_came.load(); });
    auto const begin = std::chrono::steady_clock::now();
    bool hits = true;
    for (int i = 0; i < 10; ++i) hits = cache.get("key").hit() && hits;
    bool const held_up = std::chrono::steady_clock::now() - begin > 4s;
    writer.join();
    BOOST_CHECK(came);
    BOOST_CHECK(hits);
    BOOST_CHECK(!held_up);
}

/// Gets of many threads go together in one MGET, which does not tell all that GET does: each is answered as if it were
/// alone.
BOOST_AUTO_TEST_CASE(gets_that_are_merged_are_answered_as_if_alone)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path(), .timeout = 20s, .connections = 1}, Prefix{"p."}};
    for (int i = 0; i < 50; ++i) BOOST_REQUIRE(cache.put(i, "value " + std::to_string(i)));
    BOOST_REQUIRE(cache.put("list", "to be one"));
    std::string const list = server.ask({"KEYS", "p.*list"});
    server.ask({"DEL", list.substr(0, list.size() - 1)});
    BOOST_REQUIRE(server.ask({"LPUSH", list.substr(0, list.size() - 1), "x"}) == "1");

    std::atomic<long> wrong{0};
    auto const read = [&](int i) { wrong += cache.get(i).value_or("") != "value " + std::to_string(i); };
    auto const merged = [&] { return server.ask({"INFO", "commandstats"}).find("cmdstat_mget") != std::string::npos; };
    auto const until_merged = [&] {
        std::atomic<bool> ending{false};
        std::vector<std::thread> threads;
        for (int n = 0; n < 12; ++n) {
            threads.emplace_back([&, n] {
                for (int i = n; !ending; i = (i + 7) % 50) read(i);
            });
        }
        bool const seen = test::wait_until(merged);
        ending = true;
        for (auto& one : threads) one.join();
        return seen;
    };
    BOOST_CHECK(until_merged());
    in_threads(12, [&](int n) {
        for (int i = 0; i < 2000; ++i) {
            read((i * 7 + n) % 50);
            if (i % 300 == n) {
                auto const none = cache.get("nobody");
                auto const other = cache.get("list");
                wrong += !none.miss();
                bool const told = other.error() == errc::rejected && other.reason().text().starts_with("WRONGTYPE");
                wrong += !told;
            }
        }
    });
    BOOST_CHECK(wrong == 0);

    server.ask({"CONFIG", "RESETSTAT"});
    BOOST_REQUIRE(server.ask({"ACL", "SETUSER", "default", "-mget"}) == "OK");
    BOOST_CHECK(until_merged());
    BOOST_CHECK(wrong == 0);
}

/// A child has connections of its own: neither process reads what the other one asked for.
BOOST_AUTO_TEST_CASE(a_child_never_uses_a_parents_connection)
{
    test::redis_server server;
    Cache cache{Redis{.path = server.path(), .timeout = 20s, .connections = 1, .client_name = "ours"}, Prefix{"p."}};
    for (int i = 0; i < 50; ++i) BOOST_REQUIRE(cache.put(i, "value " + std::to_string(i)));
    for (bool const busy : {false, true}) {
        if (busy && test::under_thread_sanitizer) break;
        std::atomic<bool> ending{false};
        std::atomic<long> wrong{0};
        auto const read_all = [&](auto const& until) {
            do {
                for (int i = 0; i < 50; ++i) {
                    if (cache.get(i).value_or("") != "value " + std::to_string(i)) ++wrong;
                }
            } while (!until());
        };
        std::vector<std::thread> threads; // they may hold any lock at the fork
        if (busy) {
            for (int n = 0; n < 4; ++n) threads.emplace_back([&] { read_all([&] { return ending.load(); }); });
        }
        for (int round = 0; round < 10; ++round) {
            ::pid_t const child = ::fork();
            BOOST_REQUIRE(child >= 0);
            if (child == 0) {
                ::alarm(60);
                wrong = 0;
                auto const once = [] { return true; };
                std::thread second;
                if (!busy) second = std::thread{[&] { read_all(once); }}; // ThreadSanitizer takes none if it is
                read_all(once);
                if (!busy) second.join();
                ::_exit(wrong == 0 ? 0 : 1);
            }
            read_all([&] { return true; });
            int state = 0;
            BOOST_REQUIRE(::waitpid(child, &state, 0) == child);
            BOOST_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
        }
        ending = true;
        for (auto& one : threads) one.join();
        BOOST_CHECK(wrong == 0);
    }
    BOOST_CHECK(test::wait_until([&] {
        std::string const clients = server.ask({"CLIENT", "LIST"});
        return clients.find("name=ours") == clients.rfind("name=ours");
    }));
}
