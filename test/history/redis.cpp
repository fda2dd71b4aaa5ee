#define BOOST_TEST_MODULE history_redis
#include <boost/test/unit_test.hpp>

#include <strata/redis.hpp>

#include "../support/history_of_server.hpp"
#include "../support/redis_server.hpp"

#include <cstdint>
#include <string>

using namespace strata;
using namespace std::chrono_literals;
using server = test::redis_server;

namespace {

stack<Redis>::with<Prefix> through(std::uint16_t port)
{
    Redis redis{.timeout = 300ms, .connections = 3, .min_backoff = 1ms, .max_backoff = 10ms};
    redis.port = port;
    return {redis, Prefix{"h."}};
}

} // namespace

BOOST_AUTO_TEST_CASE(undisturbed) { test::run_undisturbed<server>("Redis", through); }

BOOST_AUTO_TEST_CASE(connections_break) { test::run_on_a_bad_line<server>("Redis", through); }

BOOST_AUTO_TEST_CASE(the_server_stops_and_dies) { test::run_while_the_server_stops_and_dies<server>("Redis", through); }
