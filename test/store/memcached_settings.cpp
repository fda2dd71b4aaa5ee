#define BOOST_TEST_MODULE store_memcached_settings
#include <boost/test/unit_test.hpp>

#include <strata/memcached.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using strata::detail::memcached::address;

namespace {

/// What the construction with these settings throws; empty: nothing.
std::string refusal(Memcached policy)
{
    try {
        stack<Memcached> const made{std::move(policy)};
    } catch (std::invalid_argument const& refused) {
        return refused.what();
    }
    return {};
}

bool refused(Memcached policy, std::string_view field)
{
    return refusal(std::move(policy)).starts_with("Memcached." + std::string{field} + ": ");
}

} // namespace

BOOST_AUTO_TEST_CASE(construction_needs_no_server)
{
    BOOST_CHECK(refusal({}) == "");
    BOOST_CHECK(refusal({.servers = {"127.0.0.1:1", "no.such.host.invalid:11211", "/no/such/path", "[::1]", "host"}}) ==
                "");
    BOOST_CHECK(refusal({.ttl = forever, .connections = 1}) == "");
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    BOOST_CHECK(refused({.servers = {}}, "servers"));
    for (std::string const server :
         {"", ":11211", "host:", "host:0", "host:65536", "host:-1", "host: 11211", "host:11211x", "::1", "[::1]11211",
          "[::1]:", "[]:11211", "a:b:c"}) {
        BOOST_TEST_CONTEXT(server)
        {
            BOOST_CHECK(refused({.servers = {"127.0.0.1:11211", server}}, "servers"));
        }
    }
    BOOST_CHECK(refused({.servers = {"/" + std::string(200, 'p')}}, "servers"));
    BOOST_CHECK(refused({.servers = {std::string("/a\0b", 4)}}, "servers"));
    BOOST_CHECK(refused({.ttl = 0s}, "ttl"));
    BOOST_CHECK(refused({.ttl = -1s}, "ttl"));
    BOOST_CHECK(refused({.ttl = lifetime{}}, "ttl"));
    BOOST_CHECK(refused({.connect_timeout = 0ms}, "connect_timeout"));
    BOOST_CHECK(refused({.timeout = -1ms}, "timeout"));
    BOOST_CHECK(refused({.timeout = std::chrono::milliseconds::max()}, "timeout"));
    BOOST_CHECK(refused({.connections = 0}, "connections"));
    BOOST_CHECK(refused({.connections = static_cast<std::size_t>(-1)}, "connections"));
    BOOST_CHECK(refused({.max_value_bytes = 0}, "max_value_bytes"));
    BOOST_CHECK(refused({.max_value_bytes = (std::size_t{1} << 30) + 1}, "max_value_bytes"));
    BOOST_CHECK(refused({.min_backoff = 0ms}, "min_backoff"));
    BOOST_CHECK(refused({.min_backoff = 20ms, .max_backoff = 10ms}, "max_backoff"));
}

BOOST_AUTO_TEST_CASE(addresses)
{
    auto const is = [](std::string const& text, std::string_view host, int port) {
        address const read = address::parse(text);
        return read.host == host && read.port == port;
    };
    BOOST_CHECK(is("localhost", "localhost", 11211));
    BOOST_CHECK(is("127.0.0.1:22122", "127.0.0.1", 22122));
    BOOST_CHECK(is("[::1]:5", "::1", 5));
    BOOST_CHECK(is("[fe80::1%eth0]", "fe80::1%eth0", 11211));
    BOOST_CHECK(is("/run/memcached.sock", "/run/memcached.sock", 0));
    BOOST_CHECK(is("/with:colon", "/with:colon", 0));
}

BOOST_AUTO_TEST_CASE(a_stack_on_memcached_describes_itself)
{
    static_assert(stack<Memcached>::describe() == "Memcached");
    static_assert(stack<Memcached>::concurrent);
}
