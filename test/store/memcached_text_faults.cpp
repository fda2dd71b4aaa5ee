#define BOOST_TEST_MODULE store_memcached_text_faults
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/peer.hpp"
#include "../support/plain_keys.hpp"

#include <strata/memcached.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;
using test::peer;
using test::peer_connection;
using test::plain_keys;

namespace {

bool is_text(std::string const& request) { return request[0] == 'g'; }

/// What a single request of the binary protocol, or a batch where all are misses, is answered with.
std::string binary_end(std::string const& requests)
{
    std::string reply(24, '\0');
    bool const batch = requests[1] != '\x01';
    std::size_t const last = batch ? requests.size() - 24 : 0;
    reply[0] = '\x81';
    reply[1] = requests[last + 1];
    reply.replace(12, 4, requests, last + 12, 4); // its number
    return reply;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_server_that_answers_before_it_is_asked)
{
    std::string too_many;
    for (int i = 0; i < 20'000; ++i) too_many += "END\r\n";
    for (std::string const extra : {"END\r\n", "VALUE k 0 1\r\nx\r\n", ""}) {
        peer const server{[&](peer_connection& client, int) {
            client.read();
            client.write(too_many);
            std::this_thread::sleep_for(100ms); // the client cannot send the rest, and reads
            while (!client.read().empty()) client.write(extra);
        }};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        // more than socket buffers hold
        for (auto const& one : cache.get_many(plain_keys(60'000, std::string(240, 'k')))) BOOST_REQUIRE(one.miss());
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_never_makes_us_wait_is_held_to_the_deadline)
{
    using namespace detail::memcached;
    int ends[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0); // each piece is received alone
    socket_handle const server{ends[1]};
    connection client{socket_handle{ends[0]}, 20s, 1000, protocol::text};
    for (char const c : std::string_view{"VALUE k 0 9\r\nsomething\r\nEND\r\n"}) {
        BOOST_REQUIRE(::send(server.get(), &c, 1, MSG_DONTWAIT) == 1);
    }
    client.begin(false);
    auto const failed = client.converse(text_replies{}, std::chrono::steady_clock::now() - 1s, {}, until::end,
                                        [](reply const& x) { return x.key.empty() ? next::end : next::reply; });
    BOOST_REQUIRE(failed.has_value());
    BOOST_CHECK(failed->code() == errc::timed_out);
}

BOOST_AUTO_TEST_CASE(asking_again_in_binary_has_the_time_that_is_left)
{
    peer const server{[](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            if (is_text(request)) return std::this_thread::sleep_for(900ms);
            if (request[1] != '\x01') return client.hold(); // a batch in binary
            client.write(binary_end(request));
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 1s}};
    BOOST_REQUIRE(cache.put("k1", "one"));
    auto const begin = std::chrono::steady_clock::now();
    for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.error() == errc::timed_out);
    BOOST_CHECK(std::chrono::steady_clock::now() - begin < 1500ms);
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing_to_text_is_asked_in_binary_then)
{
    peer const server{[](peer_connection& client, int) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            if (is_text(request)) return client.hold();
            client.write(binary_end(request));
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 200ms, .max_backoff = 20ms}};
    for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.error() == errc::timed_out);
    BOOST_CHECK(test::wait_until([&] { return cache.get_many(plain_keys())[0].miss(); }));
}

BOOST_AUTO_TEST_CASE(a_server_that_has_lost_its_text_is_asked_in_binary_in_the_end)
{
    peer const server{[&](peer_connection& client, int n) {
        for (std::string request = client.read(); !request.empty(); request = client.read()) {
            bool const binary = request[0] == '\x80';
            if (!binary && n > 0) return;
            client.write(binary ? binary_end(request) : "END\r\n");
            if (!binary) return;
        }
    }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .min_backoff = 1ms}};
    for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.miss());
    for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.error() == errc::unavailable);
    for (int i = 0; i < 3; ++i) {
        for (auto const& one : cache.get_many(plain_keys())) BOOST_CHECK(one.miss());
    }
    BOOST_CHECK(server.accepted() == 4); // of text: what it knew, in its place, and another try; and a binary one
}

BOOST_AUTO_TEST_CASE(where_no_more_connections_can_be_made_the_one_for_binary_does)
{
    memcached_server const server{memcached_server::by::path};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    BOOST_REQUIRE(cache.put("k1", "one"));
    BOOST_REQUIRE(::unlink(server.path().c_str()) == 0);
    for (int i = 0; i < 3; ++i) {
        auto const found = cache.get_many(plain_keys());
        BOOST_CHECK(found[1].value_or("") == "one" && found[2].miss());
    }
}
