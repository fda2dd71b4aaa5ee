#define BOOST_TEST_MODULE store_memcached_faults
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/peer.hpp"
#include "../support/refusing.hpp"

#include <strata/memcached.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;
using test::peer;
using test::peer_connection;
using test::refusing;

namespace {

/// The number that a request of the binary protocol carries.
std::string opaque_of(std::string const& request) { return request.size() < 24 ? "" : request.substr(12, 4); }

std::string big_endian(std::uint64_t number, std::size_t bytes)
{
    std::string text;
    for (std::size_t i = bytes; i-- > 0;) text.push_back(static_cast<char>(number >> (8 * i)));
    return text;
}

/// A reply as a test wants it, right or wrong.
struct answer {
    unsigned magic = 0x81;
    unsigned operation = 0x00; // get
    unsigned status = 0;
    std::string extras = std::string(4, '\0');
    std::string key = {};
    std::string value = {};
    std::optional<std::uint32_t> key_length = {};
    std::optional<std::uint32_t> body_length = {};
    std::optional<std::string> opaque = {};

    [[nodiscard]] std::string to(std::string const& request) const
    {
        auto const whole = static_cast<std::uint32_t>(extras.size() + key.size() + value.size());
        return big_endian(magic, 1) + big_endian(operation, 1) +
               big_endian(key_length.value_or(static_cast<std::uint32_t>(key.size())), 2) +
               big_endian(extras.size(), 1) + big_endian(0, 1) + big_endian(status, 2) +
               big_endian(body_length.value_or(whole), 4) + opaque.value_or(opaque_of(request)) + big_endian(1, 8) +
               extras + key + value;
    }
};

/// A server that gives the same answer to everything.
peer::script always(answer what)
{
    return [what](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            if (!client.write(what.to(request))) return;
        }
    };
}

bool unavailable(auto const& outcome) { return outcome.error() == errc::unavailable; }

} // namespace

BOOST_AUTO_TEST_CASE(no_server_is_unavailable)
{
    stack<Memcached> cache{Memcached{.servers = {"127.0.0.1:" + std::to_string(test::free_port())}}};
    BOOST_CHECK(unavailable(cache.get("key")));
    BOOST_CHECK(!cache.get("key").error_text().empty());
    BOOST_CHECK(unavailable(cache.put("key", "value")));
    BOOST_CHECK(unavailable(cache.add("key", "value")));
    BOOST_CHECK(unavailable(cache.erase("key")));
    BOOST_CHECK(unavailable(cache.contains("key")));
    BOOST_CHECK(unavailable(cache.touch("key", 1s)));
    for (auto const& one : cache.get_many({"a", "b"})) BOOST_CHECK(unavailable(one));
    for (auto const& one : cache.put_many({{"a", "1"}, {"b", "2"}})) BOOST_CHECK(unavailable(one));
    for (auto const& one : cache.erase_many({"a", "b"})) BOOST_CHECK(unavailable(one));
    BOOST_CHECK(cache.get_or("key", [] { return std::string{"made"}; }) == "made");
    BOOST_CHECK(unavailable(stack<Memcached>{Memcached{.servers = {"/no/such/socket"}}}.get("key")));
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_is_found_again)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .max_backoff = 50ms}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.kill();
    BOOST_CHECK(unavailable(cache.get("key")));
    BOOST_CHECK(unavailable(cache.put("key", "value")));
    server.restart();
    BOOST_CHECK(test::wait_until([&] { return cache.get("key").miss(); }));
    BOOST_CHECK(cache.put("key", "value"));
    BOOST_CHECK(cache.get("key").value() == "value");

    server.restart(); // behind the back of an idle connection: nobody has to notice
    BOOST_CHECK(cache.get("key").miss());
    BOOST_CHECK(cache.put("key", "value"));
    server.restart();
    BOOST_CHECK(cache.get_many({"key", "other"})[0].miss());
}

BOOST_AUTO_TEST_CASE(while_a_server_is_down_operations_fail_at_once)
{
    memcached_server server;
    stack<Memcached> cache{
        Memcached{.servers = {server.address()}, .timeout = 20s, .min_backoff = 1h, .max_backoff = 1h}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.kill();
    BOOST_CHECK(unavailable(cache.get("key")));
    server.restart();
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(unavailable(cache.get("key"))); // nobody asks it for half an hour
    BOOST_CHECK(server.count("cmd_get") == 0u);
}

/// Nor does anybody wait while another thread tries to reach it again.
BOOST_AUTO_TEST_CASE(while_a_server_is_tried_again_nobody_else_waits)
{
    memcached_server server;
    stack<Memcached> cache{
        Memcached{.servers = {server.address()}, .timeout = 60s, .min_backoff = 1ms, .max_backoff = 1ms}};
    server.kill();
    BOOST_CHECK(unavailable(cache.get("key")));
    server.restart();
    server.stop();
    std::atomic<int> refused{0};
    std::atomic<int> missed{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; ++n) {
        threads.emplace_back([&] {
            auto const found = cache.get("key");
            refused += unavailable(found);
            missed += found.miss();
        });
    }
    BOOST_CHECK(test::wait_until([&] { return refused == 7; }));
    server.cont();
    for (auto& one : threads) one.join();
    BOOST_CHECK(refused == 7 && missed == 1);
    BOOST_CHECK(cache.get("key").miss());
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_no_more_connections_says_so)
{
    memcached_server server{memcached_server::by::port, {"-c", "20"}}; // of which it needs most for itself
    std::vector<std::unique_ptr<stack<Memcached>>> clients;
    lookup<std::string> found;
    while (!found.failed() && clients.size() < 20) {
        clients.push_back(std::make_unique<stack<Memcached>>(Memcached{.servers = {server.address()}, .timeout = 20s}));
        found = clients.back()->get("key");
    }
    BOOST_CHECK(unavailable(found));
    BOOST_CHECK(found.error_text() == "ERROR Too many open connections");
    BOOST_REQUIRE(clients.size() > 1u);
    std::vector<std::string> const keys{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    for (auto const& one : clients.back()->get_many(keys)) {
        BOOST_CHECK_MESSAGE(unavailable(one) || one.miss(), one.error().message()); // it may have a place again
    }
    for (auto const& one : clients.front()->get_many(keys)) BOOST_CHECK(one.miss());
}

/// Whether the operation ends at its deadline, when it is not one of those that fail at once in the pause after
/// another.
template <class Operation> bool times_out(Operation operation)
{
    return test::wait_until([&] {
        auto const error = operation().error();
        BOOST_CHECK(error == errc::timed_out || error == errc::unavailable);
        return error == errc::timed_out;
    });
}

BOOST_AUTO_TEST_CASE(a_stopped_server_ends_operations_at_their_deadline)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 100ms, .max_backoff = 20ms}};
    BOOST_REQUIRE(cache.put("first", "1"));
    BOOST_REQUIRE(cache.put("second", "2"));
    for (int round = 0; round < 3; ++round) {
        server.stop(); // the second round meets it while connecting: the system does that by itself
        BOOST_CHECK(cache.get("first").error() == errc::timed_out);
        BOOST_CHECK(times_out([&] { return cache.put("third", "3"); }));
        BOOST_CHECK(times_out([&] { return cache.contains("first"); }));
        for (std::size_t i = 0; i < 2; ++i) {
            BOOST_CHECK(times_out([&] { return cache.get_many({"first", "second"})[i]; }));
        }
        std::string const large(std::size_t{30} << 20, 'x'); // more than the socket holds
        BOOST_CHECK(times_out([&] { return cache.put("large", large); }));
        server.cont();
        // The late replies to all that belong to nobody.
        for (int i = 0; i < 20; ++i) {
            auto const found = cache.get("second");
            BOOST_CHECK(found.failed() || *found == "2");
        }
        BOOST_CHECK(test::wait_until([&] { return cache.get("first").hit(); }));
        BOOST_CHECK(cache.get("first").value() == "1");
    }
}

BOOST_AUTO_TEST_CASE(the_deadline_is_of_the_operation_and_not_of_a_read)
{
    peer const server{[](peer_connection& client, int) {
        std::string const request = client.read();
        client.drip(answer{.value = std::string(100'000, 'x')}.to(request), 5ms); // would take minutes
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 200ms, .max_backoff = 20ms}};
    auto const begin = std::chrono::steady_clock::now();
    BOOST_CHECK(cache.get("key").error() == errc::timed_out);
    BOOST_CHECK(times_out([&] { return cache.put("key", "value"); }));
    for (std::size_t i = 0; i < 2; ++i) BOOST_CHECK(times_out([&] { return cache.get_many({"a", "b"})[i]; }));
    BOOST_CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

BOOST_AUTO_TEST_CASE(after_no_answer_in_time_operations_fail_at_once)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{
        .servers = {server.address()}, .timeout = 100ms, .min_backoff = 1h, .max_backoff = 1h}};
    BOOST_REQUIRE(cache.put("key", "value"));
    server.stop();
    BOOST_CHECK(cache.get("key").error() == errc::timed_out);
    auto const found = cache.get("key");
    BOOST_CHECK(found.error() == errc::unavailable);
    BOOST_CHECK(found.error_text().find("in time") != std::string_view::npos);
    BOOST_CHECK(cache.put("key", "other").error() == errc::unavailable);
    for (auto const& one : cache.get_many({"key", "other"})) BOOST_CHECK(one.error() == errc::unavailable);
    server.cont();
    BOOST_CHECK(cache.get("key").error() == errc::unavailable); // the pause is not over
}

BOOST_AUTO_TEST_CASE(a_server_without_the_binary_protocol_is_told_of)
{
    memcached_server const server{memcached_server::by::port, {"-B", "ascii"}};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 200ms}};
    auto const found = cache.get("key");
    BOOST_CHECK(found.error() == errc::timed_out);
    BOOST_CHECK(found.error_text().find("-B ascii") != std::string_view::npos);
    BOOST_CHECK(cache.put("key", "value").error_text().find("-B ascii") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(what_breaks_the_protocol_is_said_to)
{
    std::vector<answer> const wrong{
        {.magic = 0x80},
        {.magic = 'V'},
        {.operation = 0x01},                                  // a reply to another operation
        {.opaque = std::string(4, '\x77')},                   // a reply to another request
        {.key_length = 60'000},                               // a key that is longer than all
        {.extras = std::string(200, 'e'), .body_length = 10}, // extras that are longer than all
        {.body_length = 0xffffffff},                          // four gigabytes to come
        {.operation = 0x0b, .value = std::string(4000, '1')}, // what nobody has asked for, and long
        {.operation = 0x0c, .key = std::string(40'000, 'k')},
    };
    for (auto const& each : wrong) {
        peer const server{always(each)};
        stack<Memcached> cache{
            Memcached{.servers = {server.address()}, .timeout = 20s, .max_value_bytes = 1'000'000}};
        BOOST_CHECK(cache.get("key").error() == errc::protocol);
        for (auto const& one : cache.get_many({"a", "b"})) BOOST_CHECK(one.error() == errc::protocol);
        auto other = each;
        if (other.operation == 0) other.operation = 0x04;
        if (each.operation != 0x01) {
            peer const of_others{always(other)};
            stack<Memcached> second{
                Memcached{.servers = {of_others.address()}, .timeout = 20s, .max_value_bytes = 1'000'000}};
            BOOST_CHECK(second.erase("key").error() == errc::protocol);
            BOOST_CHECK(second.put("key", "value").error() == errc::protocol);
        }
    }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_never_a_value)
{
    std::atomic<unsigned> seed{1};
    peer const server{[&](peer_connection& client, int) {
        std::minstd_rand bytes{seed++};
        while (!client.read().empty()) {
            std::string noise(1 + bytes() % 200, '\0');
            for (char& c : noise) c = static_cast<char>(bytes());
            if (bytes() % 2 == 0) noise[0] = '\x81';
            if (!client.write(noise)) return;
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 30ms}};
    for (int i = 0; i < 60; ++i) {
        BOOST_REQUIRE(cache.get("key").failed());
        BOOST_REQUIRE(!cache.put("key", "value"));
        BOOST_REQUIRE(cache.contains("key").failed());
        for (auto const& one : cache.get_many({"a", "b", "c"})) BOOST_REQUIRE(one.failed());
    }
}

BOOST_AUTO_TEST_CASE(a_reply_that_ends_early_is_no_reply)
{
    std::string const value = "the value";
    std::size_t const whole = answer{.value = value}.to(std::string(24, '\0')).size();
    for (std::size_t length = 0; length < whole; ++length) {
        peer const server{[&](peer_connection& client, int) {
            std::string const request = client.read();
            client.write(answer{.value = value}.to(request).substr(0, length));
        }};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        BOOST_CHECK(unavailable(cache.get("key")));
    }
}

BOOST_AUTO_TEST_CASE(a_reply_in_single_bytes_is_a_reply)
{
    peer const server{[&](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            client.drip(answer{.value = "the value"}.to(request), 1ms);
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    for (int i = 0; i < 3; ++i) BOOST_CHECK(cache.get("key").value() == "the value");
    BOOST_CHECK(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(what_comes_unasked_is_nobodys)
{
    peer const server{[&](peer_connection& client, int) { // answers twice
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            std::string const key = request.substr(24);
            client.write(answer{.value = "of " + key}.to(request) + answer{.value = "wrong"}.to(request));
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    for (int i = 0; i < 50; ++i) {
        auto const found = cache.get(std::to_string(i));
        BOOST_CHECK(found.failed() || *found == "of " + std::to_string(i));
    }
}

BOOST_AUTO_TEST_CASE(each_status_is_its_own_failure)
{
    std::vector<std::pair<unsigned, errc>> const statuses{
        {0x03, errc::too_large},   {0x04, errc::rejected},    {0x20, errc::unauthorized}, {0x81, errc::unsupported},
        {0x82, errc::rejected},    {0x83, errc::unsupported}, {0x84, errc::rejected},     {0x85, errc::rejected},
        {0x7777, errc::rejected}};
    for (auto const& each : statuses) {
        peer const server{always({.status = each.first, .extras = "", .value = "in its own words"})};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        auto const found = cache.get("key");
        BOOST_CHECK(found.error() == each.second);
        BOOST_CHECK(found.error_text() == "in its own words");
    }
}

BOOST_AUTO_TEST_CASE(one_dead_server_fails_its_own_keys_alone)
{
    memcached_server alive;
    memcached_server dead;
    stack<Memcached> cache{Memcached{.servers = {alive.address(), dead.address()}, .timeout = 20s}};
    std::vector<std::pair<std::string, std::string>> entries;
    std::vector<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        keys.push_back("key " + std::to_string(i));
        entries.emplace_back(keys.back(), keys.back());
    }
    for (auto const& done : cache.put_many(entries)) BOOST_REQUIRE(done);
    auto const kept = alive.count("curr_items");
    BOOST_REQUIRE(kept > 0 && kept < keys.size());
    dead.kill();
    for (int round = 0; round < 2; ++round) {
        auto const found = cache.get_many(keys);
        std::size_t hits = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            BOOST_CHECK(found[i].hit() ? *found[i] == keys[i] : unavailable(found[i]));
            hits += found[i].hit();
        }
        BOOST_CHECK(hits == kept);
    }
}

/// Nor does one that is stopped, however much the other one has to send, in text or in binary.
BOOST_AUTO_TEST_CASE(a_stopped_server_fails_its_own_keys_alone)
{
    for (std::string const separator : {"-", " "}) {
        memcached_server stopped;
        memcached_server alive;
        stack<Memcached> cache{Memcached{.servers = {stopped.address(), alive.address()}, .timeout = 2s}};
        std::vector<std::pair<std::string, std::string>> entries;
        std::vector<std::string> keys;
        for (int i = 0; i < 200; ++i) {
            keys.push_back("key" + separator + std::to_string(i));
            entries.emplace_back(keys.back(), std::string(100'000, static_cast<char>('a' + i % 26)));
        }
        auto const successes = [](auto const& outcomes) {
            return std::count_if(outcomes.begin(), outcomes.end(), [](auto const& one) { return bool{one}; });
        };
        BOOST_REQUIRE(successes(cache.put_many(entries)) == 200);
        auto const kept = static_cast<std::ptrdiff_t>(alive.count("curr_items"));
        BOOST_REQUIRE(kept > 0 && kept < 200);
        stopped.stop();
        auto const found = cache.get_many(keys);
        BOOST_CHECK(successes(found) == kept);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            BOOST_CHECK(found[i].hit() ? *found[i] == entries[i].second : found[i].error() == errc::timed_out);
        }
        for (int round = 0; round < 3; ++round) {
            BOOST_CHECK(successes(cache.put_many(entries)) == kept);
            BOOST_CHECK(successes(cache.get_many(keys)) == kept);
        }
    }
}

/// Nor does one that closes its connection and is silent on the next one.
BOOST_AUTO_TEST_CASE(a_server_that_is_asked_again_fails_its_own_keys_alone)
{
    peer const silent{[](peer_connection& client, int n) {
        for (int batch = 0; n == 0 && batch < 2; ++batch) {
            std::string requests;
            while (requests.size() < 24 || requests[requests.size() - 23] != '\x0a') {
                std::string const more = client.read();
                if (more.empty()) return;
                requests += more;
            }
            answer const none{.operation = 0x0a, .extras = {}};
            if (batch == 0) client.write(none.to(requests.substr(requests.size() - 24)));
        }
        if (n > 0) client.hold();
    }};
    memcached_server const alive;
    std::vector<std::pair<std::string, std::string>> entries;
    std::vector<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        keys.push_back("key " + std::to_string(i));
        entries.emplace_back(keys.back(), std::string(100'000, 'v'));
    }
    stack<Memcached>{Memcached{.servers = {alive.address()}, .timeout = 20s}}.put_many(entries);
    stack<Memcached> cache{Memcached{.servers = {silent.address(), alive.address()}, .timeout = 2s}};
    auto const before = cache.get_many(keys);
    auto const after = cache.get_many(keys);
    BOOST_CHECK(silent.accepted() == 2);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        BOOST_CHECK(before[i].miss() ? after[i].error() == errc::timed_out : before[i].hit() && after[i].hit());
    }
}

BOOST_AUTO_TEST_CASE(what_a_caller_throws_leaves_the_connection_right)
{
    memcached_server const server{memcached_server::by::port, {"-I", "4m"}};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 1}};
    BOOST_REQUIRE(cache.put("a", "1"));
    BOOST_REQUIRE(cache.put("b", "2"));
    BOOST_REQUIRE(cache.put("large", std::string(3'000'000, 'x')));
    refusing out;
    for (int i = 0; i < 5; ++i) {
        BOOST_CHECK_THROW(cache.get_to("a", out), std::bad_alloc);
        BOOST_CHECK(cache.get("b").value() == "2");
        BOOST_CHECK(cache.get("a").value() == "1");
        BOOST_CHECK_THROW(cache.get_to("large", out), std::bad_alloc);
        BOOST_CHECK(cache.get("b").value() == "2");
        BOOST_CHECK_THROW(cache.get_many<refusing>({"a", "b"}), std::bad_alloc);
        BOOST_CHECK(cache.get("b").value() == "2");
    }
}
