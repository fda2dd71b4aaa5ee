#define BOOST_TEST_MODULE core_clock
#include <boost/test/unit_test.hpp>

#include <strata/core/clock.hpp>

using namespace strata;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_manual_clock_moves_by_hand_alone)
{
    ManualClock clock;
    clock_function const seen = clock; // a copy is the same clock
    auto const start = seen();
    BOOST_TEST(seen() == start);
    clock.advance(1500ms);
    BOOST_TEST(seen() == start + 1500);
    clock.advance(-500ms);
    BOOST_TEST(seen() == start + 1000);
    BOOST_TEST(ManualClock{}() == start); // another one stands still
}

BOOST_AUTO_TEST_CASE(the_steady_clock_never_goes_back)
{
    auto before = steady_milliseconds();
    for (int i = 0; i < 1000; ++i) {
        auto const now = steady_milliseconds();
        BOOST_REQUIRE(now >= before);
        before = now;
    }
}
