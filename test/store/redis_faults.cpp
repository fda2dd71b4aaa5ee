#define BOOST_TEST_MODULE store_redis_faults
#include <boost/test/unit_test.hpp>

#include "../support/peer.hpp"
#include "../support/redis_server.hpp"

#include <strata/redis.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

/// A time in which an operation that forgets its deadline has not come back, and a slow machine has.
constexpr auto far_too_late = 10s;

template <class F> bool in_time(F&& f)
{
    auto const begin = clock_type::now();
    f();
    return clock_type::now() - begin < far_too_late;
}

Redis at(test::peer const& peer)
{
    return Redis{.port = peer.port(),
                 .connect_timeout = 300ms,
                 .timeout = 300ms,
                 .min_backoff = 1ms,
                 .max_backoff = 1ms};
}

/// Answers what a login asks.
bool greet(test::peer_connection& client) { return client.read_until("PING\r\n") && client.write("+PONG\r\n"); }

bool transient(std::error_code const& error) { return error == errc::unavailable || error == errc::timed_out; }

} // namespace

BOOST_AUTO_TEST_CASE(a_server_that_dies_and_comes_back)
{
    test::redis_server server;
    for (bool const tcp : {true, false}) {
        stack<Redis> cache{Redis{.port = server.port(), .path = tcp ? "" : server.path(), .max_backoff = 20ms}};
        BOOST_REQUIRE(cache.put("key", "value"));
        server.kill();
        BOOST_CHECK(cache.get("key").error() == errc::unavailable);
        BOOST_CHECK(cache.put("key", "value").error() == errc::unavailable);
        for (auto const& one : cache.get_many({"a", "b"})) BOOST_CHECK(one.error() == errc::unavailable);
        BOOST_CHECK(cache.size().failed());
        server.restart();
        BOOST_CHECK(test::wait_until([&] { return cache.get("key").miss(); }));
        BOOST_CHECK(cache.put("key", "value"));
        BOOST_CHECK(cache.get("key").value() == "value");
    }
}

BOOST_AUTO_TEST_CASE(a_read_survives_a_restart_in_between)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.port = server.port()}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.restart();
    BOOST_CHECK(cache.get("key").miss());
    server.restart();
    for (auto const& one : cache.get_many({"a", "b"})) BOOST_CHECK(one.miss());
}

/// Redis closes connections that are idle for long: that is no reason for a failure.
BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closed_while_idle)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.port = server.port()}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    BOOST_CHECK(cache.get("key").value() == "value");
    server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    std::this_thread::sleep_for(200ms); // idle for longer than a connection is trusted
    BOOST_CHECK(cache.put("key", "other"));
    BOOST_CHECK(cache.get("key").value() == "other");
}

BOOST_AUTO_TEST_CASE(a_stopped_server_times_out)
{
    test::redis_server server;
    stack<Redis> warm{Redis{.port = server.port(), .timeout = 200ms}};
    stack<Redis> cold{Redis{.port = server.port(), .timeout = 200ms}};
    stack<Redis> cold_path{Redis{.path = server.path(), .timeout = 200ms}};
    BOOST_REQUIRE(warm.put("key", "value"));
    server.stop();
    BOOST_CHECK(in_time([&] { BOOST_CHECK(warm.get("key").error() == errc::timed_out); }));
    BOOST_CHECK(in_time([&] { BOOST_CHECK(cold.get("key").error() == errc::timed_out); }));
    BOOST_CHECK(in_time([&] { BOOST_CHECK(cold_path.put("key", "x").error() == errc::timed_out); }));
    std::string const large(64 << 20, 'x'); // more than any socket buffer takes
    stack<Redis> sending{Redis{.port = server.port(), .timeout = 200ms}};
    BOOST_CHECK(in_time([&] { BOOST_CHECK(sending.put("key", large).error() == errc::timed_out); }));
    server.cont();
    for (auto* cache : {&warm, &cold, &cold_path}) {
        BOOST_CHECK(test::wait_until([&] { return cache->get("key").hit(); }));
    }
}

/// The answer to a request that timed out arrives later, and must reach nobody.
BOOST_AUTO_TEST_CASE(a_late_reply_is_never_somebody_elses)
{
    test::redis_server server;
    stack<Redis> cache{Redis{.port = server.port(), .timeout = 50ms, .connections = 1, .max_backoff = 10ms}};
    stack<Redis> patient{Redis{.port = server.port()}};
    for (int i = 0; i < 10; ++i) BOOST_REQUIRE(patient.put(i, std::to_string(i)));
    int hits = 0;
    for (int round = 0; round < 10; ++round) {
        BOOST_REQUIRE(test::wait_until([&] { return cache.get(0).hit(); }));
        server.stop();
        BOOST_CHECK(cache.get(1).error() == errc::timed_out);
        server.cont();
        for (int i = 2; i < 10; ++i) {
            auto const found = cache.get(i);
            if (found.hit()) {
                ++hits;
                BOOST_CHECK(*found == std::to_string(i));
            } else {
                BOOST_CHECK(found.failed());
            }
        }
    }
    BOOST_TEST_MESSAGE(hits << " hits");
}

BOOST_AUTO_TEST_CASE(a_write_to_a_closed_peer_raises_no_signal)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (greet(client)) client.reset();
    }};
    stack<Redis> cache{at(peer)};
    std::string const large(4 << 20, 'x');
    for (int i = 0; i < 20; ++i) BOOST_CHECK(transient(cache.put("key", large).error()));
}

BOOST_AUTO_TEST_CASE(byte_by_byte_in_time_is_a_reply)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (!greet(client)) return;
        while (!client.read().empty()) {
            if (!client.drip("$5\r\nhello\r\n", 1ms)) return;
        }
    }};
    Redis policy = at(peer);
    policy.timeout = 20s;
    stack<Redis> cache{policy};
    for (int i = 0; i < 3; ++i) BOOST_CHECK(cache.get("key").value() == "hello");
    BOOST_CHECK(peer.accepted() == 1);
}

/// Each byte comes in time and all of them too late: the deadline is the operation's, not one read's.
BOOST_AUTO_TEST_CASE(byte_by_byte_too_slowly_times_out)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (greet(client) && !client.read().empty()) client.drip("$1000\r\n" + std::string(1000, 'x') + "\r\n", 50ms);
    }};
    stack<Redis> cache{at(peer)};
    BOOST_CHECK(in_time([&] { BOOST_CHECK(cache.get("key").error() == errc::timed_out); }));
    test::peer slow_login{[](test::peer_connection& client, int) {
        if (!client.read().empty()) client.drip(std::string(1000, '+'), 50ms);
    }};
    stack<Redis> outside{at(slow_login)};
    BOOST_CHECK(in_time([&] { BOOST_CHECK(outside.get("key").error() == errc::timed_out); }));
}

BOOST_AUTO_TEST_CASE(a_batch_byte_by_byte_too_slowly_times_out)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (!greet(client)) return;
        std::string replies;
        for (int i = 0; i < 300; ++i) replies += "+OK\r\n";
        if (!client.read().empty() && client.write("+OK\r\n") && !client.read().empty()) client.drip(replies, 50ms);
    }};
    Redis policy = at(peer);
    policy.timeout = 400ms;
    stack<Redis> cache{policy};
    std::vector<std::pair<std::string, std::string>> const entries(300, {"key", "value"});
    BOOST_REQUIRE(cache.put("key", "value")); // the batch finds a connection
    BOOST_CHECK(in_time([&] {
        auto const done = cache.put_many(entries);
        BOOST_CHECK(done.front() || transient(done.front().error()));
        BOOST_CHECK(done.back().error() == errc::timed_out);
    }));
}

BOOST_AUTO_TEST_CASE(garbage_is_a_protocol_error)
{
    std::vector<std::string> const garbage{
        "HTTP/1.1 400 Bad Request\r\n\r\n", "\r\n", "$abc\r\n", "$-2\r\n", "$5\r\nhelloXX", ":1\r\n", "+OK\r\n",
        "*0\r\n", "*1\r\n$1\r\na\r\n", "*-1\r\n", ":12a\r\n", "$99999999999999999999\r\n", "*9999999999\r\n",
        "*1\r\n*1\r\n*1\r\n:1\r\n",
        "%1\r\n$1\r\na\r\n$1\r\nb\r\n", "#t\r\n", ",1.5\r\n", "(12\r\n", "_\r\n", "=5\r\ntxt:a\r\n",
        "~1\r\n$1\r\na\r\n", ">1\r\n$1\r\na\r\n", std::string("\0\0\0\0\r\n", 6)};
    for (std::string const& reply : garbage) {
        test::peer peer{[&](test::peer_connection& client, int) {
            if (greet(client) && !client.read().empty() && client.write(reply)) client.hold();
        }};
        stack<Redis> cache{at(peer)};
        std::string out = "before";
        auto const found = cache.get_to("key", out);
        BOOST_CHECK_MESSAGE(found.error() == errc::protocol,
                            "to get: " << reply << " gave " << found.error().message());
        BOOST_CHECK(out == "before");
        BOOST_CHECK(cache.get("key").failed());
        BOOST_CHECK(peer.accepted() == 2); // the first connection was thrown away
    }
    for (std::string const reply : {"$1\r\na\r\n", "*0\r\n", "*1\r\n$1\r\na\r\n",
                                    "*3\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n",
                                    "*2\r\n$1\r\na\r\n*1\r\n$1\r\na\r\n", ":2\r\n", "+OK\r\n", "*2\r\n:1\r\n:1\r\n"}) {
        test::peer peer{[&](test::peer_connection& client, int) {
            if (greet(client) && !client.read().empty() && client.write(reply)) client.hold();
        }};
        stack<Redis> cache{at(peer)};
        auto const found = cache.get_many({"a", "b"});
        BOOST_CHECK_MESSAGE(found[1].error() == errc::protocol, "to get_many: " << reply);
    }
    // The value behind what is none belongs to the second key, whatever the version of hiredis makes of that.
    for (std::string const first : {",1.5\r\n", "#t\r\n", "_\r\n", "(12\r\n", ":1\r\n", "*-1\r\n", "*0\r\n"}) {
        test::peer peer{[&](test::peer_connection& client, int) {
            if (!greet(client) || client.read().empty()) return;
            if (client.write("*2\r\n" + first + "$1\r\na\r\n")) client.hold();
        }};
        stack<Redis> cache{at(peer)};
        auto const found = cache.get_many({"a", "b"});
        BOOST_CHECK_MESSAGE(found[0].error() == errc::protocol, "to get_many: " << first);
        BOOST_CHECK_MESSAGE(found[1].failed(), "to get_many: " << first);
    }
}

/// A length that the server does not keep is not allocated, and waited for no longer than the deadline.
BOOST_AUTO_TEST_CASE(a_length_that_lies)
{
    for (std::string const length : {"1000000", "536870912", "9223372036854775807"}) {
        test::peer peer{[&](test::peer_connection& client, int) {
            if (greet(client) && !client.read().empty() && client.write("$" + length + "\r\nabc")) client.hold();
        }};
        stack<Redis> cache{at(peer)};
        BOOST_CHECK(in_time([&] {
            auto const error = cache.get("key").error();
            BOOST_CHECK(error == errc::timed_out || error == errc::protocol || error == errc::too_large);
        }));
    }
}

/// Whatever is cut off of a reply, wherever it is cut off, is a failure.
BOOST_AUTO_TEST_CASE(replies_cut_at_every_offset)
{
    std::string const single = "$5\r\nhello\r\n";
    std::string const several = "*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n";
    test::peer peer{[&](test::peer_connection& client, int) {
        for (std::size_t cut = 0; greet(client);) {
            std::string const request = client.read();
            if (request.empty()) return;
            std::string const& whole = request.find("MGET") == std::string::npos ? single : several;
            auto const at_key = request.rfind("cut ");
            cut = std::stoul(request.substr(at_key + 4));
            client.write(whole.substr(0, cut));
            return;
        }
    }};
    stack<Redis> cache{at(peer)};
    auto const key = [](std::size_t cut) { return "cut " + std::to_string(cut); };
    for (std::size_t cut = 0; cut < single.size(); ++cut) {
        auto const found = cache.get(key(cut));
        BOOST_CHECK_MESSAGE(found.error() == errc::unavailable, cut << ": " << found.error().message());
    }
    BOOST_CHECK(cache.get(key(single.size())).value() == "hello");
    for (std::size_t cut = 0; cut < several.size(); ++cut) {
        auto const found = cache.get_many(std::vector<std::string>{"a", key(cut)});
        BOOST_CHECK(found[0].failed() || *found[0] == "hello");
        BOOST_CHECK(found[1].error() == errc::unavailable);
    }
}

/// What the server says unasked belongs to no request.
BOOST_AUTO_TEST_CASE(a_reply_too_many)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (!greet(client)) return;
        while (!client.read().empty()) client.write("$5\r\nfirst\r\n$6\r\nsecond\r\n");
    }};
    stack<Redis> cache{at(peer)};
    for (int i = 0; i < 5; ++i) {
        auto const found = cache.get("key");
        BOOST_CHECK(found.failed() || *found == "first");
    }
}

BOOST_AUTO_TEST_CASE(an_error_is_not_a_value)
{
    test::peer peer{[](test::peer_connection& client, int) {
        if (!greet(client)) return;
        while (!client.read().empty()) client.write("-LOADING Redis is loading the dataset in memory\r\n");
    }};
    stack<Redis> cache{at(peer)};
    auto const found = cache.get("key");
    BOOST_CHECK(found.error() == errc::unavailable);
    BOOST_CHECK(found.error_text().starts_with("LOADING"));
    for (auto const& one : cache.get_many({"a", "b"})) BOOST_CHECK(one.error() == errc::unavailable);
    BOOST_CHECK(cache.touch("key", 1s).error() == errc::unavailable);
    BOOST_CHECK(cache.size().failed());
    BOOST_CHECK(peer.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(while_it_is_down_nobody_waits)
{
    test::peer peer{[](test::peer_connection& client, int) { client.hold(); }};
    Redis policy = at(peer);
    policy.connect_timeout = 50ms;
    policy.min_backoff = policy.max_backoff = 1h;
    stack<Redis> cache{policy};
    BOOST_CHECK(cache.get("key").error() == errc::timed_out);
    for (int i = 0; i < 1000; ++i) BOOST_CHECK(cache.get("key").error() == errc::unavailable);
    BOOST_CHECK(peer.accepted() == 1);
}

/// Whoever has no time left to connect tells nothing of the server, for which others would have to pay.
BOOST_AUTO_TEST_CASE(who_comes_too_late_does_not_mark_it_down)
{
    test::redis_server server;
    detail::redis::connection_settings settings;
    settings.server.path = server.path();
    settings.connect_timeout = settings.timeout = 20s;
    detail::redis::lines lines{settings, 1, 1h, 1h};
    auto const ping = [&](std::chrono::milliseconds time) {
        detail::redis::number_reply reply;
        detail::redis::exchange const what{"PING\r\n", 1, {detail::redis::reply_kind::status}, true, reply};
        return lines.run(what, detail::redis::deadline{time});
    };
    BOOST_CHECK(ping(0ms).error() == errc::timed_out);
    BOOST_CHECK(ping(20s));
}

/// Nor does anybody wait while another thread tries to reach it again.
BOOST_AUTO_TEST_CASE(while_it_is_tried_again_nobody_else_waits)
{
    std::atomic<bool> answers{false};
    test::peer peer{[&](test::peer_connection& client, int n) {
        if (n == 0 || !client.read_until("PING\r\n")) return;
        test::wait_until([&] { return answers.load(); });
        client.write("+PONG\r\n");
        while (client.read_until("\r\n") && client.write("$-1\r\n")) {}
    }};
    Redis policy = at(peer);
    policy.timeout = policy.connect_timeout = 20s;
    policy.connections = 1;
    stack<Redis> cache{policy};
    BOOST_CHECK(cache.get("key").error() == errc::unavailable);
    std::thread first{[&] { test::wait_until([&] { return cache.get("key").miss(); }); }};
    BOOST_REQUIRE(test::wait_until([&] { return peer.accepted() == 2; }));
    for (int i = 0; i < 100; ++i) BOOST_CHECK(cache.get("key").error() == errc::unavailable);
    answers = true;
    first.join();
    BOOST_CHECK(cache.get("key").miss());
    BOOST_CHECK(peer.accepted() == 2);
}

/// A server in its protected mode says so to whoever comes from another machine, and closes.
BOOST_AUTO_TEST_CASE(a_server_that_takes_nobody_in_says_why)
{
    test::peer peer{[](test::peer_connection& client, int) {
        client.write("-DENIED Redis is running in protected mode\r\n");
    }};
    Redis policy = at(peer);
    policy.min_backoff = policy.max_backoff = 1h;
    stack<Redis> cache{policy};
    for (int i = 0; i < 3; ++i) {
        auto const found = cache.get("key");
        BOOST_CHECK(found.error() == errc::unauthorized);
        BOOST_CHECK(found.error_text() == "DENIED Redis is running in protected mode");
    }
    BOOST_CHECK(peer.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(a_server_that_repeats_the_password_is_not_quoted)
{
    test::peer peer{[](test::peer_connection& client, int) {
        client.write("-ERR what is open sesame?\r\n+PONG\r\n");
        client.hold();
    }};
    Redis policy = at(peer);
    policy.password = "open sesame";
    auto const found = stack<Redis>{policy}.get("key");
    BOOST_CHECK(found.error() == errc::rejected);
    BOOST_CHECK(found.error_text().empty());
}

BOOST_AUTO_TEST_CASE(writes_are_sent_once)
{
    std::atomic<int> requests{0};
    test::peer peer{[&](test::peer_connection& client, int) {
        if (!greet(client)) return;
        for (int i = 0; i < 3 && !client.read().empty(); ++i) {
            ++requests;
            if (i < 2) client.write("+OK\r\n");
        }
    }};
    stack<Redis> cache{at(peer)};
    BOOST_CHECK(cache.put("a", "1"));
    BOOST_CHECK(cache.put("a", "2"));
    BOOST_CHECK(cache.put("a", "3").error() == errc::unavailable); // it may have been done
    BOOST_CHECK(requests == 3);
    BOOST_CHECK(cache.put("a", "4"));
}

/// An exception of the caller's own passes the C library unharmed, and no reply is left over.
BOOST_AUTO_TEST_CASE(what_the_caller_throws_passes)
{
    struct refusal {};
    struct throwing_sink {
        void hit(std::size_t, std::string_view) { throw refusal{}; }
        void miss(std::size_t) {}
        void fail(std::size_t, failure const&) {}
    };
    test::redis_server server;
    stack<Redis> cache{Redis{.path = server.path()}};
    BOOST_REQUIRE(cache.put("a", "1"));
    BOOST_REQUIRE(cache.put("b", "2"));
    throwing_sink sink;
    single_key const key{key_view{std::string_view{"a"}}};
    for (int i = 0; i < 10; ++i) {
        BOOST_CHECK_THROW(cache.run(make_request<op::get>(key, sink)), refusal);
        BOOST_CHECK(cache.get("b").value() == "2");
    }
}
