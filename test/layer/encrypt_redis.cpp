#define BOOST_TEST_MODULE layer_encrypt_redis
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include "../support/redis_server.hpp"

#include <hiredis/hiredis.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

std::string const secret = "thirty-two bytes of a real secret";

/// All that a server holds, as somebody reads it who got into it.
std::map<std::string, std::string> contents(test::redis_server const& server)
{
    std::unique_ptr<redisContext, decltype(&redisFree)> const context{redisConnect("127.0.0.1", server.port()),
                                                                      &redisFree};
    BOOST_REQUIRE(context && !context->err);
    using reply = std::unique_ptr<redisReply, void (*)(redisReply*)>;
    auto const ask = [&](auto... arguments) {
        reply answer{static_cast<redisReply*>(redisCommand(context.get(), arguments...)),
                     [](redisReply* r) { freeReplyObject(r); }};
        BOOST_REQUIRE(answer);
        return answer;
    };
    std::map<std::string, std::string> all;
    auto const keys = ask("KEYS *");
    for (std::size_t i = 0; i < keys->elements; ++i) {
        redisReply const& key = *keys->element[i];
        auto const value = ask("GET %b", key.str, key.len);
        all.emplace(std::string{key.str, key.len}, std::string{value->str, value->len});
    }
    return all;
}

} // namespace

/// The stack of the contract, as it is written there.
BOOST_AUTO_TEST_CASE(nothing_readable_lies_in_redis)
{
    test::redis_server const server;
    using Sessions = stack<Redis>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Stats>;
    Sessions sessions{Redis{.host = "127.0.0.1", .port = server.port(), .ttl = 10min},
                      Encrypt<ChaCha20>{.secret = secret}, Prefix{"session."}};

    std::vector<std::pair<std::string, std::string>> entries;
    for (int n = 0; n < 200; ++n) {
        std::string const number = std::to_string(n);
        entries.emplace_back("alice" + number, "token of alice, number " + number);
    }
    for (auto const& done : sessions.put_many(entries)) BOOST_REQUIRE(done);
    BOOST_REQUIRE(sessions.put("bob", std::string(100'000, 'z')));
    BOOST_REQUIRE(sessions.add("carol", "").error() == std::error_code{});

    auto const stored = contents(server);
    BOOST_REQUIRE_EQUAL(stored.size(), 202u);
    for (auto const& [key, value] : stored) {
        BOOST_CHECK_EQUAL(key.size(), 16u);
        for (char const* word : {"session", "alice", "bob", "carol", "token", "number", "zzzz"}) {
            BOOST_CHECK(key.find(word) == key.npos && value.find(word) == value.npos);
        }
    }

    std::vector<std::string> keys;
    for (auto const& entry : entries) keys.push_back(entry.first);
    auto const found = sessions.get_many(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) BOOST_CHECK(found[i].value() == entries[i].second);
    BOOST_CHECK(sessions.get("bob").value() == std::string(100'000, 'z'));
    BOOST_CHECK(sessions.get("carol").value().empty());
    BOOST_CHECK(sessions.touch("bob", 1h).hit() && sessions.contains("bob").hit() && sessions.erase("bob").hit());
    BOOST_CHECK(sessions.get("bob").miss() && sessions.touch("bob", 1h).miss());
    BOOST_CHECK(sessions.clear().error() == errc::unsupported);
    BOOST_CHECK_EQUAL(sessions.layer<Stats>().failures(), 1u);
}

BOOST_AUTO_TEST_CASE(secrets_rotate_over_redis)
{
    test::redis_server const server;
    using S = stack<Redis>::with<Encrypt<Aes256>>;
    Redis const redis{.host = "127.0.0.1", .port = server.port()};
    S before{redis, Encrypt<Aes256>{.secret = secret}};
    for (int n = 0; n < 20; ++n) BOOST_REQUIRE(before.put(std::to_string(n), "old"));
    S after{redis, Encrypt<Aes256>{.secret = secret + "!", .retired = {secret}}};
    std::vector<std::string> keys;
    for (int n = 0; n < 40; ++n) keys.push_back(std::to_string(n));
    for (int n = 0; n < 10; ++n) BOOST_REQUIRE(after.put(std::to_string(n), "new"));
    auto const found = after.get_many(keys);
    for (int n = 0; n < 40; ++n) {
        auto const& one = found[static_cast<std::size_t>(n)];
        BOOST_CHECK(n < 20 ? one.value() == (n < 10 ? "new" : "old") : one.miss());
    }
    BOOST_CHECK_EQUAL(contents(server).size(), 20u);
}

BOOST_AUTO_TEST_CASE(many_threads)
{
    test::redis_server const server;
    stack<Redis>::with<Encrypt<ChaCha20>> s{Redis{.path = server.path()}, Encrypt<ChaCha20>{.secret = secret}};
    static_assert(decltype(s)::concurrent);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < 8; ++t) {
        workers.emplace_back([&, t] {
            for (int n = 0; n < 200; ++n) {
                std::string const key = std::to_string(t * 1000 + n % 7);
                std::string const text = std::to_string(n) + std::string(static_cast<std::size_t>(n) * 10, 'v');
                if (!s.put(key, text)) ++wrong;
                if (auto const found = s.get(key); !found || *found != text) ++wrong;
            }
        });
    }
    for (auto& worker : workers) worker.join();
    BOOST_CHECK_EQUAL(wrong, 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_gone_is_a_failure)
{
    test::redis_server server;
    stack<Redis>::with<Encrypt<ChaCha20>> s{Redis{.path = server.path()},
                                            Encrypt<ChaCha20>{.secret = secret, .retired = {secret + "!"}}};
    BOOST_REQUIRE(s.put("key", "value"));
    server.kill();
    BOOST_CHECK(s.get("key").failed() && !s.put("key", "value") && !s.add("other", "value"));
    BOOST_CHECK(s.contains("key").failed() && s.erase("key").failed() && s.touch("key", 1h).failed());
    for (auto const& found : s.get_many({"a", "b", "c"})) BOOST_CHECK(found.failed());
}
