#pragma once

#include "fault_proxy.hpp"
#include "history_run.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

/// The histories that every store with a server must stand. `through(port)` makes a stack over the server at that port.
namespace test {

template <class Server, class Through> void run_undisturbed(std::string const& name, Through through)
{
    Server const server;
    auto s = through(server.port());
    run_history(name, s, true, {}, {});
}

template <class Server, class Through> void run_on_a_bad_line(std::string const& name, Through through)
{
    using namespace std::chrono_literals;
    Server const server;
    fault_proxy proxy{server.port()};
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
    run_history(name + " behind a bad line", s, true, disturb, [&] { proxy.mend(); });
}

template <class Server, class Through> void run_while_the_server_stops_and_dies(std::string const& name, Through through)
{
    Server server;
    auto s = through(server.port());
    auto const disturb = [&](unsigned random) {
        if (random % 4 == 0) return server.restart();
        server.stop();
        std::this_thread::sleep_for(std::chrono::milliseconds{random % 400});
        server.cont();
    };
    run_history(name + " that stops and dies", s, false, disturb, {});
}

} // namespace test
