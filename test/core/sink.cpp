#define BOOST_TEST_MODULE core_sink
#include <boost/test/unit_test.hpp>

#include <strata/core/sink.hpp>

#include <string>
#include <vector>

using namespace strata;

BOOST_AUTO_TEST_CASE(collect_puts_each_outcome_in_its_place)
{
    std::vector<lookup<std::string>> results(4);
    detail::collect<std::string> sink{results.data()};
    sink.fail(2, failure{errc::corrupt, "why"});
    sink.hit(0, std::string_view{"bytes"});
    sink.hit(3, std::string{"object"});
    sink.miss(1);
    BOOST_TEST(*results[0] == "bytes");
    BOOST_CHECK(results[1].miss());
    BOOST_CHECK(results[2].error() == errc::corrupt);
    BOOST_TEST(results[2].error_text() == "why");
    BOOST_TEST(*results[3] == "object");
}

BOOST_AUTO_TEST_CASE(collect_takes_bytes_into_any_byte_string)
{
    lookup<std::vector<char>> result;
    detail::collect<std::vector<char>> sink{&result};
    sink.hit(0, std::string_view{"a\0b", 3});
    BOOST_CHECK((*result == std::vector<char>{'a', '\0', 'b'}));
}

BOOST_AUTO_TEST_CASE(collect_without_values)
{
    std::vector<lookup<void>> results(3);
    detail::collect<void> sink{results.data()};
    sink.hit(1);
    sink.miss(0);
    sink.fail(2, errc::timed_out);
    BOOST_CHECK(results[0].miss() && results[1].hit() && results[2].error() == errc::timed_out);
}

BOOST_AUTO_TEST_CASE(fill_touches_its_target_for_a_hit_alone)
{
    lookup<void> result;
    std::string out(100, 'o');
    auto const* const place = out.data();
    detail::fill<std::string> sink{{&result}, out};
    sink.miss(0);
    BOOST_TEST(out == std::string(100, 'o'));
    sink.fail(0, errc::protocol);
    BOOST_TEST(out == std::string(100, 'o'));
    sink.hit(0, std::string_view{"value"});
    BOOST_CHECK(result.hit());
    BOOST_TEST(out == "value");
    BOOST_CHECK(out.data() == place);

    int number = 0;
    detail::fill<int>{{&result}, number}.hit(0, 42);
    BOOST_TEST(number == 42);
}

BOOST_AUTO_TEST_CASE(confirm_takes_nothing_to_do_as_done)
{
    std::vector<status> results(3);
    detail::confirm sink{results.data()};
    sink.hit(0);
    sink.miss(1);
    sink.fail(2, errc::too_large);
    BOOST_CHECK(results[0] && results[1] && results[2].error() == errc::too_large);
}
