#define BOOST_TEST_MODULE history_memcached
#include <boost/test/unit_test.hpp>

#include <strata/memcached.hpp>

#include "../support/history_of_server.hpp"
#include "../support/memcached_server.hpp"

#include <cstdint>
#include <string>

using namespace strata;
using namespace std::chrono_literals;
using server = test::memcached_server;

namespace {

stack<Memcached>::with<Prefix> through(std::uint16_t port)
{
    return {Memcached{.servers = {"127.0.0.1:" + std::to_string(port)},
                      .timeout = 300ms,
                      .connections = 3,
                      .min_backoff = 1ms,
                      .max_backoff = 10ms},
            Prefix{"h."}};
}

} // namespace

BOOST_AUTO_TEST_CASE(undisturbed) { test::run_undisturbed<server>("Memcached", through); }

BOOST_AUTO_TEST_CASE(connections_break) { test::run_on_a_bad_line<server>("Memcached", through); }

BOOST_AUTO_TEST_CASE(the_server_stops_and_dies) { test::run_while_the_server_stops_and_dies<server>("Memcached", through); }
