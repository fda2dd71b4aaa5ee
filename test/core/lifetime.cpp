#define BOOST_TEST_MODULE core_lifetime
#include <boost/test/unit_test.hpp>

#include <strata/core/lifetime.hpp>

#include <chrono>
#include <limits>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using seconds_in_double = std::chrono::duration<double>;

} // namespace

BOOST_AUTO_TEST_CASE(a_lifetime_counts_milliseconds)
{
    static_assert(lifetime{1ms}.count() == 1);
    static_assert(lifetime{10min}.count() == 600'000);
    static_assert(lifetime{std::chrono::days{31}}.count() == 31LL * 24 * 3600 * 1000);
    static_assert(lifetime{seconds_in_double{1.5}}.count() == 1500);
}

BOOST_AUTO_TEST_CASE(a_fraction_counts_as_a_whole)
{
    static_assert(lifetime{1ns}.count() == 1);
    static_assert(lifetime{999us}.count() == 1);
    static_assert(lifetime{1000us}.count() == 1);
    static_assert(lifetime{1001us}.count() == 2);
    static_assert(lifetime{seconds_in_double{1e-300}}.count() == 1);
    static_assert(lifetime{std::chrono::duration<long, std::ratio<1, 3>>{1}}.count() == 334);
}

BOOST_AUTO_TEST_CASE(what_is_not_positive_is_not_valid)
{
    static_assert(!lifetime{0s}.valid());
    static_assert(!lifetime{-1ns}.valid());
    static_assert(!lifetime{-24h}.valid());
    static_assert(!lifetime{std::chrono::milliseconds::min()}.valid());
    static_assert(!lifetime{-1ms}.is_default(), "no duration is mistaken for the default");
    BOOST_CHECK(!lifetime{seconds_in_double{std::numeric_limits<double>::quiet_NaN()}}.valid());
    BOOST_CHECK(!lifetime{seconds_in_double{-std::numeric_limits<double>::infinity()}}.valid());
    static_assert(lifetime{1ns}.valid() && lifetime{}.valid() && lifetime{forever}.valid());
}

BOOST_AUTO_TEST_CASE(what_is_too_long_is_forever)
{
    static_assert(lifetime{forever}.is_forever());
    static_assert(lifetime{std::chrono::hours::max()}.is_forever());
    static_assert(lifetime{std::chrono::milliseconds::max()}.is_forever());
    static_assert(!lifetime{std::chrono::nanoseconds::max()}.is_forever());
    static_assert(!lifetime{std::chrono::milliseconds::max() - 1ms}.is_forever());
    BOOST_CHECK(lifetime{seconds_in_double{std::numeric_limits<double>::infinity()}}.is_forever());
    BOOST_CHECK(lifetime{seconds_in_double{1e300}}.is_forever());
}

BOOST_AUTO_TEST_CASE(the_default_gives_way)
{
    static_assert(lifetime{}.is_default() && !lifetime{}.is_forever());
    static_assert(lifetime{}.or_else(3s) == lifetime{3s});
    static_assert(lifetime{1s}.or_else(3s) == lifetime{1s});
    static_assert(lifetime{forever}.or_else(3s) == lifetime{forever});
    static_assert(lifetime{1s} == lifetime{1000ms} && lifetime{1s} != lifetime{2s});
}
