#define BOOST_TEST_MODULE store_redis_allocations
#include <boost/test/unit_test.hpp>

#include "../support/allocations.hpp"
#include "../support/redis_server.hpp"

#include <strata/redis.hpp>

#include <cstddef>
#include <string>

using namespace strata;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(single_operations_allocate_nothing)
{
    if (!allocations::counted) return;
    test::redis_server server;
    stack<Redis>::with<Prefix>::with<Stats> cache{Redis{.path = server.path(), .timeout = 20s}, Prefix{"session."}};
    bool fine = true;
    for (std::size_t size : {std::size_t{0}, std::size_t{64}, std::size_t{5000}, std::size_t{300'000}}) {
        std::string const value(size, 'v');
        std::string out;
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.put("key", value) && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get_to("key", out).hit() && fine; }) == 0u);
        BOOST_CHECK(out == value);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.contains("key").hit() && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.touch("key", 1h).hit() && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.touch("key", forever).hit() && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get_to("none", out).miss() && fine; }) == 0u);
        BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.erase("none").miss() && fine; }) == 0u);
    }
    // A string each: so it does count.
    BOOST_CHECK(allocations::in_steady_state([&] { fine = cache.get("key").hit() && fine; }) >= 50u);
    BOOST_CHECK(fine);
}
