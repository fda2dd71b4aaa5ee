#define BOOST_TEST_MODULE store_memcached_allocations
#include <boost/test/unit_test.hpp>

#include "../support/allocations.hpp"
#include "../support/memcached_server.hpp"

#include <strata/layer/prefix.hpp>
#include <strata/layer/stats.hpp>
#include <strata/memcached.hpp>

#include <chrono>
#include <cstddef>
#include <string>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;

BOOST_AUTO_TEST_CASE(single_operations_allocate_nothing)
{
    if (!allocations::counted) return;
    memcached_server const server;
    stack<Memcached>::with<Prefix>::with<Stats> cache{Memcached{.servers = {server.address()}, .timeout = 20s},
                                                      Prefix{"session."}};
    std::string const long_key(1000, 'k'); // beyond what memcached takes
    bool fine = true;
    for (std::size_t size : {std::size_t{0}, std::size_t{64}, std::size_t{5000}, std::size_t{300'000}}) {
        std::string const value(size, 'v');
        std::string out;
        for (std::string const& key : {std::string{"key"}, long_key}) {
            BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.put(key, value) && fine; }) == 0u);
            BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get_to(key, out).hit() && fine; }) == 0u);
            BOOST_CHECK(out == value);
            BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.contains(key).hit() && fine; }) == 0u);
            BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.touch(key, 1h).hit() && fine; }) == 0u);
        }
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get_to("none", out).miss() && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.erase("none").miss() && fine; }) == 0u);
    }
    // A string each: so it does count.
    BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get("key").hit() && fine; }) >= 50u);
    BOOST_CHECK(fine);
}
