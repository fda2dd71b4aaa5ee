#define BOOST_TEST_MODULE store_memcached_text
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/peer.hpp"
#include "../support/plain_keys.hpp"
#include "../support/refusing.hpp"

#include <strata/layer/prefix.hpp>
#include <strata/memcached.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;
using test::peer;
using test::peer_connection;
using test::plain_keys;
using test::refusing;

namespace {

std::string value_reply(std::string const& key, std::string const& value, std::string const& flags = "0")
{
    return "VALUE " + key + " " + flags + " " + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

/// What the last request of a binary batch, of which everything before is a miss, is answered with.
std::string binary_end(std::string const& requests)
{
    std::string reply = requests.substr(requests.size() - 24);
    reply[0] = '\x81';
    return reply;
}

/// A server that answers the first batch with "END", so that it is known for one that speaks text, and the others with
/// `replies`.
peer::script after_first(std::string replies, bool closes = false)
{
    return [replies, closes](peer_connection& client, int) {
        for (bool first = true; client.read_until("\r\n"); first = false) {
            if (!client.write(first ? "END\r\n" : replies) || (!first && closes)) return;
        }
    };
}

template <class Cache> auto get_after_first(Cache& cache, std::vector<std::string> const& keys)
{
    for (auto const& one : cache.get_many(keys)) BOOST_REQUIRE(one.miss());
    return cache.get_many(keys);
}

/// How many connections the server has seen, with the one that asks.
std::uint64_t connections_made(memcached_server const& server) { return server.count("total_connections"); }

} // namespace

BOOST_AUTO_TEST_CASE(what_is_asked_and_what_the_replies_mean)
{
    std::mutex mutex;
    std::string asked;
    peer const server{[&](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            {
                std::lock_guard const guard{mutex};
                asked = request;
            }
            client.write(value_reply("p.k1", "one") + value_reply("p.k3", "") + value_reply("p.k3", "again") +
                         value_reply("p.k10", "VALUE p.k2 0 1\r\nx\r\nEND\r\n", "4294967295") + "END\r\n");
        }
    }};
    stack<Memcached>::with<Prefix> cache{Memcached{.servers = {server.address()}, .timeout = 20s}, Prefix{"p."}};
    std::vector<std::string> const keys{"k0", "k1", "k2", "k3", "k3", "k3", "k1", "k10", "k4", "k5"};
    for (int round = 0; round < 3; ++round) {
        auto const found = cache.get_many(keys);
        {
            std::lock_guard const guard{mutex};
            BOOST_CHECK(asked == "get p.k0 p.k1 p.k2 p.k3 p.k3 p.k3 p.k1 p.k10 p.k4 p.k5\r\n");
        }
        BOOST_CHECK(found[0].miss() && found[2].miss() && found[5].miss() && found[6].miss());
        BOOST_CHECK(found[8].miss() && found[9].miss());
        BOOST_CHECK(*found[1] == "one" && found[3]->empty() && *found[4] == "again");
        BOOST_CHECK(*found[7] == "VALUE p.k2 0 1\r\nx\r\nEND\r\n");
    }
    BOOST_CHECK(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(a_plain_key_has_no_byte_that_means_something)
{
    using detail::memcached::is_plain;
    for (std::size_t length = 1; length <= 20; ++length) {
        for (std::size_t place = 0; place < length; ++place) {
            for (int byte = 0; byte < 256; ++byte) {
                for (char const other : {'!', '~', '\x80', '\xff'}) {
                    std::string key(length, other);
                    key[place] = static_cast<char>(byte);
                    BOOST_REQUIRE(is_plain(key) == (byte > 32 && byte != 127));
                }
            }
        }
    }
    BOOST_CHECK(is_plain(std::string(250, 'k')));
    BOOST_CHECK(!is_plain(std::string(251, 'k')));
    BOOST_CHECK(!is_plain(""));
}

BOOST_AUTO_TEST_CASE(other_keys_and_small_batches_go_in_binary)
{
    std::atomic<bool> text{false};
    peer const server{[&](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            if (request[0] != '\x80') text = true;
            client.write(request[0] == '\x80' ? binary_end(request) : "END\r\n");
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    std::vector<std::string> odd{"", " ", "a b", "\r\n", "a\r", "a\n", "\t", "a\x7f", "k\r\nflush_all\r\nget x",
                                 std::string(1, '\0'), std::string("a\0", 2), std::string(251, 'k')};
    for (int c = 0; c <= ' '; ++c) odd.push_back("k" + std::string(1, static_cast<char>(c)) + "k");
    for (auto const& one : odd) {
        for (std::size_t const place : {0u, 5u, 10u}) {
            auto keys = plain_keys();
            keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(place), one);
            for (auto const& found : cache.get_many(keys)) BOOST_CHECK(found.miss());
            BOOST_CHECK(!text);
        }
    }
    for (auto const& found : cache.get_many(plain_keys(9))) BOOST_CHECK(found.miss());
    BOOST_CHECK(!text);
    for (std::string const& one : {std::string(250, 'k'), std::string{"caf\xc3\xa9"}, std::string{"\xff\x80!~"}}) {
        auto keys = plain_keys();
        keys.push_back(one);
        for (auto const& found : cache.get_many(keys)) BOOST_CHECK(found.miss());
        BOOST_CHECK(text.exchange(false));
    }
}

BOOST_AUTO_TEST_CASE(keys_and_values_cannot_say_anything_to_the_server)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}}};
    BOOST_REQUIRE(cache.put("safe", "untouched"));
    auto keys = plain_keys();
    std::string const evil = "a\r\nflush_all\r\nset safe 0 0 4\r\ngone\r\n";
    keys.push_back(evil);
    keys.push_back("safe");
    BOOST_REQUIRE(cache.put(evil, evil));
    BOOST_REQUIRE(cache.put("k3", "VALUE k4 0 1\r\nx\r\nEND\r\nERROR\r\n"));
    auto found = cache.get_many(keys);
    BOOST_CHECK(*found[10] == evil && *found[11] == "untouched" && found[4].miss());
    keys[10] = "k10";
    found = cache.get_many(keys);
    BOOST_CHECK(*found[3] == "VALUE k4 0 1\r\nx\r\nEND\r\nERROR\r\n");
    BOOST_CHECK(*found[11] == "untouched" && found[4].miss() && found[10].miss());
}

BOOST_AUTO_TEST_CASE(what_breaks_the_protocol_is_said_to)
{
    std::vector<std::string> const wrong{
        value_reply("k11", "x"),            // a key that nobody has asked for
        value_reply("k1", "x"),             // one that is behind
        value_reply("k", "x"),              // the beginning of one
        value_reply("k3 ", "x"),            // no number of flags
        "VALUE k5 0\r\nx\r\n",              // no length
        "VALUE k5 0 1 \r\nx\r\n",           // more on the line
        "VALUE k5 0 1 7\r\nx\r\n",          // what "gets" is answered with
        "VALUE k5 0 -1\r\nx\r\n",           // not a length
        "VALUE k5 -1 1\r\nx\r\n",           // not flags
        "VALUE k5 4294967296 1\r\nx\r\n",   // flags of more than 32 bits
        "VALUE k5 0 1x\r\nx\r\n",           // not a number
        "VALUE k5 0 2000000000\r\n",        // more than any value has
        "VALUE k5 0 99999999999999999999999\r\n",
        "VALUE k5 0 1\nx\r\n",              // another end of a line
        "VALUE k5 0 1\r\nxy\r\n",           // longer than said
        "VALUE k5 0 3\r\nxy\r\n",           // shorter
        "VALUE  k5 0 1\r\nx\r\n",           // two spaces
        "value k5 0 1\r\nx\r\n",
        "END \r\n",
        "\r\n",
        "\n",
        "STORED\r\n",
        "VA 1\r\nx\r\n",
        "ERRORS\r\n",
        std::string(5000, 'x'),             // a line without an end
        std::string("\x81\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24),
    };
    auto const keys = plain_keys();
    for (auto const& each : wrong) {
        BOOST_TEST_CONTEXT(each.substr(0, 60))
        {
            peer const server{after_first(value_reply("k0", "zero") + value_reply("k2", "two") + each + "END\r\n")};
            stack<Memcached> cache{
                Memcached{.servers = {server.address()}, .timeout = 20s, .max_value_bytes = 1'000'000}};
            auto const found = get_after_first(cache, keys);
            BOOST_CHECK(*found[0] == "zero" && found[1].miss() && *found[2] == "two");
            for (std::size_t i = 3; i < keys.size(); ++i) BOOST_CHECK(found[i].error() == errc::protocol);
            for (auto const& one : cache.get_many(keys)) BOOST_CHECK(one.miss()); // the first one of another connection
            BOOST_CHECK(server.accepted() == 2);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_comes_after_the_end_is_nobodys)
{
    peer const server{after_first("END\r\n" + value_reply("k0", "wrong") + "END\r\n")};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    for (int i = 0; i < 20; ++i) {
        for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.miss());
    }
}

BOOST_AUTO_TEST_CASE(replies_that_end_early)
{
    std::string const whole = value_reply("k0", "zero") + value_reply("k2", "a value of two lines\r\n") + "END\r\n";
    std::size_t const first = value_reply("k0", "zero").size();
    std::size_t const second = whole.size() - 5;
    auto const keys = plain_keys();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        peer const server{after_first(whole.substr(0, length), true)};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .min_backoff = 1ms}};
        auto const found = get_after_first(cache, keys);
        if (length < first) { // asked again, on another connection, as no reply had come
            for (auto const& one : found) BOOST_CHECK(one.miss());
            continue;
        }
        auto const unavailable = [&](std::size_t i) { return found[i].error() == errc::unavailable; };
        BOOST_CHECK(*found[0] == "zero");
        BOOST_CHECK(length < second ? unavailable(1) : found[1].miss());
        BOOST_CHECK(length < second ? unavailable(2) : *found[2] == "a value of two lines\r\n");
        for (std::size_t i = 3; i < keys.size(); ++i) BOOST_CHECK(unavailable(i));
    }
}

BOOST_AUTO_TEST_CASE(replies_in_single_bytes)
{
    peer const server{[](peer_connection& client, int) {
        while (client.read_until("\r\n")) {
            client.drip(value_reply("k0", "zero") + value_reply("k9", "nine\r\n") + "END\r\n", 1ms);
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    for (int i = 0; i < 3; ++i) {
        auto const found = cache.get_many(plain_keys());
        BOOST_CHECK(*found[0] == "zero" && found[1].miss() && *found[9] == "nine\r\n");
    }
    BOOST_CHECK(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(what_the_server_refuses_is_told_in_its_words)
{
    for (std::string const words : {"SERVER_ERROR out of memory writing get response", "CLIENT_ERROR bad format"}) {
        peer const server{after_first(value_reply("k0", "zero") + words + "\r\nEND\r\n")};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        auto const found = get_after_first(cache, plain_keys());
        BOOST_CHECK(*found[0] == "zero");
        for (std::size_t i = 1; i < found.size(); ++i) {
            BOOST_CHECK(found[i].error() == errc::rejected);
            BOOST_CHECK(found[i].error_text() == words);
        }
        for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.miss());
    }
}

BOOST_AUTO_TEST_CASE(a_server_without_text_is_asked_in_binary_from_then_on)
{
    for (std::string const no : {"ERROR\r\n", "ERROR Too many open connections\r\n", "what?\r\n", ""}) {
        std::atomic<int> texts{0};
        peer const server{[&](peer_connection& client, int) {
            for (std::string request = client.read(); !request.empty(); request = client.read()) {
                if (request[0] == '\x80') {
                    client.write(binary_end(request));
                } else {
                    ++texts;
                    client.write(no);
                    return;
                }
            }
        }};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        for (int i = 0; i < 3; ++i) {
            for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.miss());
        }
        BOOST_CHECK(texts == 1);
    }
}

BOOST_AUTO_TEST_CASE(memcached_can_be_set_to_binary_alone)
{
    auto const port = std::to_string(test::free_port());
    std::vector<std::string> command{"memcached", "-t", "2", "-U", "0", "-l", "127.0.0.1", "-p", port, "-B", "binary"};
    if (::geteuid() == 0) command.insert(command.end(), {"-u", "root"});
    test::temporary_directory const directory;
    test::process const server{command, directory / "memcached.log"};
    stack<Memcached> cache{Memcached{.servers = {"127.0.0.1:" + port}, .timeout = 20s, .max_backoff = 20ms}};
    BOOST_REQUIRE(test::wait_until([&] { return cache.put("k3", "three"); }));
    for (int i = 0; i < 3; ++i) {
        auto const found = cache.get_many(plain_keys());
        BOOST_CHECK(found[3].value() == "three" && found[4].miss());
    }
}

BOOST_AUTO_TEST_CASE(too_large_values_and_other_flags)
{
    memcached_server const server;
    stack<Memcached> large{Memcached{.servers = {server.address()}}};
    stack<Memcached> small{Memcached{.servers = {server.address()}, .max_value_bytes = 1000}};
    stack<Memcached> flagged{Memcached{.servers = {server.address()}, .flags = 7}};
    auto const keys = plain_keys(12);
    BOOST_REQUIRE(large.put("k1", std::string(100'000, 'x')));
    BOOST_REQUIRE(large.put("k2", "two"));
    BOOST_REQUIRE(large.put("k3", std::string(900'000, 'x')));
    BOOST_REQUIRE(large.put("k11", std::string(1001, 'x')));
    BOOST_REQUIRE(flagged.put("k5", "five"));
    auto const before = connections_made(server);
    for (int i = 0; i < 3; ++i) {
        auto const found = small.get_many(keys);
        for (std::size_t k : {1u, 3u, 11u}) BOOST_CHECK(found[k].error() == errc::too_large);
        BOOST_CHECK(found[0].miss() && *found[2] == "two" && found[4].miss() && *found[5] == "five");
    }
    BOOST_CHECK(connections_made(server) == before + 2); // one of `small`, and one that asks
    auto const found = flagged.get_many(keys);
    BOOST_CHECK(found[1].error() == errc::corrupt && found[2].error() == errc::corrupt && found[4].miss());
    BOOST_CHECK(*found[5] == "five");
}

BOOST_AUTO_TEST_CASE(the_bound_of_connections_holds)
{
    for (std::size_t const connections : {1u, 2u, 3u}) {
        memcached_server const server;
        stack<Memcached> cache{
            Memcached{.servers = {server.address()}, .timeout = 20s, .connections = connections}};
        auto const keys = plain_keys(20);
        std::atomic<int> wrong{0};
        std::atomic<bool> ending{false};
        std::thread counter{[&] {
            while (!ending) {
                if (server.count("curr_connections") > connections + 3) ++wrong; // the test's, and those it closes
            }
        }};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < 200; ++i) {
                    std::string const& key = keys[(static_cast<std::size_t>(t) + i) % keys.size()];
                    if (!cache.put(key, key)) ++wrong;
                    auto const many = cache.get_many(keys);
                    for (std::size_t k = 0; k < keys.size(); ++k) {
                        if (many[k].failed() || (many[k] && *many[k] != keys[k])) ++wrong;
                    }
                    if (cache.get(key).value_or("") != key) ++wrong;
                }
            });
        }
        for (auto& one : threads) one.join();
        ending = true;
        counter.join();
        BOOST_CHECK(wrong == 0);
    }
}

BOOST_AUTO_TEST_CASE(one_connection_is_not_made_anew_for_each_protocol)
{
    memcached_server const server;
    stack<Memcached> one{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 1}};
    stack<Memcached> two{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 2}};
    for (auto* const cache : {&one, &two}) {
        auto const before = connections_made(server);
        for (int i = 0; i < 20; ++i) {
            BOOST_REQUIRE(cache->put("k1", "one"));
            BOOST_CHECK(cache->get_many(plain_keys())[1].value() == "one");
            BOOST_CHECK(cache->get("k1").hit());
        }
        BOOST_CHECK(connections_made(server) == before + (cache == &one ? 1 : 2) + 1); // and the one that asks
    }
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_gone_stale_is_replaced)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .max_backoff = 20ms}};
    for (int i = 0; i < 3; ++i) {
        BOOST_REQUIRE(cache.put("k1", "one"));
        BOOST_CHECK(cache.get_many(plain_keys())[1].value() == "one");
        server.restart();
        for (auto const& found : cache.get_many(plain_keys())) BOOST_CHECK(found.miss());
    }
}

BOOST_AUTO_TEST_CASE(a_stopped_server_ends_batches_at_their_deadline)
{
    memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 100ms, .max_backoff = 20ms}};
    for (bool const known : {false, true}) {
        BOOST_TEST_CONTEXT("known to speak text: " << known)
        {
            server.stop();
            auto const timed_out = [&] {
                bool all = true;
                for (auto const& one : cache.get_many(plain_keys())) all = all && one.error() == errc::timed_out;
                return all;
            };
            BOOST_CHECK(test::wait_until(timed_out));
            server.cont();
            BOOST_CHECK(test::wait_until([&] { return cache.put("k1", "one"); }));
            BOOST_CHECK(test::wait_until([&] { return cache.get_many(plain_keys())[1].hit(); }));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_child_makes_connections_of_its_own)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    BOOST_REQUIRE(cache.put("k1", "one"));
    auto const right = [&] {
        auto const found = cache.get_many(plain_keys());
        return found[1] && *found[1] == "one" && found[2].miss();
    };
    BOOST_REQUIRE(right());
    auto const before = connections_made(server);
    ::pid_t const child = ::fork();
    if (child == 0) {
        for (int i = 0; i < 300; ++i) {
            if (!right()) ::_exit(1);
        }
        ::_exit(0);
    }
    for (int i = 0; i < 300; ++i) BOOST_CHECK(right());
    int state = 0;
    BOOST_REQUIRE(::waitpid(child, &state, 0) == child);
    BOOST_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    BOOST_CHECK(connections_made(server) == before + 2); // the child's, and the test's
}

BOOST_AUTO_TEST_CASE(what_a_caller_throws_leaves_nothing_wrong)
{
    memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    BOOST_REQUIRE(cache.put("k1", "one"));
    BOOST_REQUIRE(cache.put("k2", "two"));
    for (int i = 0; i < 5; ++i) {
        BOOST_CHECK_THROW(cache.get_many<refusing>(plain_keys()), std::bad_alloc);
        auto const found = cache.get_many(plain_keys());
        BOOST_CHECK(*found[1] == "one" && *found[2] == "two" && found[3].miss());
    }
}
