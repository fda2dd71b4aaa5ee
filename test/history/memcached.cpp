#define BOOST_TEST_MODULE history_memcached
#include <boost/test/unit_test.hpp>

#include <strata/memcached.hpp>

#include "../support/fault_proxy.hpp"
#include "../support/history_run.hpp"
#include "../support/memcached_server.hpp"

#include <string>

using namespace strata;
using namespace std::chrono_literals;
using test::direction;
using test::fault;

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

BOOST_AUTO_TEST_CASE(undisturbed)
{
    test::memcached_server const server;
    auto s = through(server.port());
    test::run_history("Memcached", s, true, {}, {});
}

BOOST_AUTO_TEST_CASE(connections_break)
{
    test::memcached_server const server;
    test::fault_proxy proxy{server.port()};
    auto s = through(proxy.port());
    auto const disturb = [&](unsigned random) {
        auto const way = random % 2 == 0 ? direction::to_client : direction::to_server;
        std::size_t const after = random / 16 % 300;
        switch (random / 2 % 8) {
        case 0: return proxy.inject(way, {.what = fault::truncate, .after = after});
        case 1: return proxy.inject(way, {.what = fault::reset, .after = after});
        case 2: return proxy.inject(way, {.what = fault::swallow, .after = after});
        case 3: return proxy.inject(way, {.what = fault::single_bytes, .after = after});
        case 4: return proxy.inject(way, {.what = fault::delay, .after = after, .time = 20ms});
        case 5: return proxy.reset_all();
        default: return proxy.mend();
        }
    };
    test::run_history("Memcached behind a bad line", s, true, disturb, [&] { proxy.mend(); });
}

BOOST_AUTO_TEST_CASE(the_server_stops_and_dies)
{
    test::memcached_server server;
    auto s = through(server.port());
    auto const disturb = [&](unsigned random) {
        if (random % 4 == 0) return server.restart();
        server.stop();
        std::this_thread::sleep_for(std::chrono::milliseconds{random % 400});
        server.cont();
    };
    test::run_history("Memcached that stops and dies", s, false, disturb, {});
}
