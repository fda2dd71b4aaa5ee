#define BOOST_TEST_MODULE core_lookup
#include <boost/test/unit_test.hpp>

#include <strata/core/lookup.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

using namespace strata;

namespace {

template <class Lookup> int states(Lookup const& found)
{
    return int{found.hit()} + int{found.miss()} + int{found.failed()};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_hit_has_a_value)
{
    lookup<std::string> found = std::string{"value"};
    BOOST_TEST(states(found) == 1);
    BOOST_CHECK(found && found.hit());
    BOOST_TEST(*found == "value");
    BOOST_TEST(found->size() == 5u);
    BOOST_TEST(found.value() == "value");
    BOOST_TEST(found.value_or("other") == "value");
    BOOST_CHECK(!found.error());
    BOOST_TEST(found.error_text().empty());
    found->push_back('!');
    BOOST_TEST(std::as_const(found).value() == "value!");
    std::string const taken = std::move(found).value();
    BOOST_TEST(taken == "value!");
}

BOOST_AUTO_TEST_CASE(a_miss_has_none)
{
    for (lookup<int> const& found : {lookup<int>{}, lookup<int>{miss}}) {
        BOOST_TEST(states(found) == 1);
        BOOST_CHECK(!found && found.miss());
        BOOST_CHECK(!found.error());
        BOOST_TEST(found.value_or(7) == 7);
        BOOST_CHECK_THROW(static_cast<void>(found.value()), missing);
    }
}

BOOST_AUTO_TEST_CASE(a_failure_says_why)
{
    for (lookup<int> const& found : {lookup<int>{failure{errc::rejected, "READONLY"}}, lookup<int>{errc::rejected}}) {
        BOOST_TEST(states(found) == 1);
        BOOST_CHECK(!found && found.failed());
        BOOST_CHECK(found.error() == errc::rejected);
        BOOST_CHECK(found.reason().code() == errc::rejected);
        BOOST_TEST(found.error_text() == found.reason().text());
        BOOST_TEST(found.value_or(7) == 7);
        BOOST_CHECK_THROW(static_cast<void>(found.value()), std::system_error);
    }
    lookup<int> const refused = std::errc::invalid_argument;
    BOOST_CHECK(refused.error() == std::errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_state_replaces_another)
{
    lookup<std::string> found;
    BOOST_TEST(found.emplace(3u, 'x') == "xxx");
    BOOST_CHECK(found.hit());
    found = errc::timed_out;
    BOOST_CHECK(found.failed());
    found = miss;
    BOOST_CHECK(found.miss());
    found = std::string{};
    BOOST_CHECK(found.hit() && found->empty()); // an empty value is a hit
}

BOOST_AUTO_TEST_CASE(values_are_moved_and_need_no_default)
{
    struct number {
        explicit number(int n) : value{n} {}
        int value;
    };
    lookup<number> const found = number{3};
    BOOST_TEST(found->value == 3);
    lookup<std::unique_ptr<int>> owner = std::make_unique<int>(4);
    std::unique_ptr<int> const taken = *std::move(owner);
    BOOST_TEST(*taken == 4);
    static_assert(std::is_same_v<lookup<int>::value_type, int>);
    static_assert(!std::is_convertible_v<lookup<int>, bool>, "only in a condition");
}

BOOST_AUTO_TEST_CASE(a_bool_is_no_state)
{
    lookup<bool> const found = false;
    BOOST_CHECK(found.hit() && found);
    BOOST_TEST(*found == false);
}

BOOST_AUTO_TEST_CASE(a_lookup_without_value)
{
    lookup<void> found;
    BOOST_CHECK(found.miss() && states(found) == 1);
    BOOST_CHECK_THROW(found.value(), missing);
    found = hit;
    BOOST_CHECK(found && found.hit() && states(found) == 1);
    BOOST_CHECK_NO_THROW(found.value());
    found = errc::protocol;
    BOOST_CHECK(found.failed() && states(found) == 1 && found.error() == errc::protocol);
    BOOST_CHECK_THROW(found.value(), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_status_is_done_or_says_why_not)
{
    status const done;
    BOOST_CHECK(done && !done.error() && done.error_text().empty());
    BOOST_CHECK_NO_THROW(done.value());
    status const refused{failure{errc::rejected, "MISCONF"}};
    BOOST_CHECK(!refused && refused.error() == errc::rejected);
    BOOST_TEST(refused.error_text() == "MISCONF");
    BOOST_TEST(refused.reason().text() == "MISCONF");
    BOOST_CHECK_THROW(refused.value(), std::system_error);
    BOOST_CHECK(status{errc::exists}.error() == errc::exists);
    BOOST_CHECK(status{std::errc::invalid_argument}.error() == std::errc::invalid_argument);
    static_assert(!std::is_convertible_v<status, bool>, "only in a condition");
}

BOOST_AUTO_TEST_CASE(a_hit_becomes_a_miss_or_a_failure_by_assignment)
{
    lookup<std::vector<int>> found{std::vector<int>{1, 2}};
    found = failure{make_error_code(errc::rejected), "words"};
    BOOST_TEST(found.failed());
    BOOST_TEST(found.error_text() == "words");
    found = errc::corrupt;
    BOOST_TEST((found.error() == errc::corrupt));
    found.emplace(std::vector<int>{3, 4});
    found = std::errc::io_error;
    BOOST_TEST((found.error() == std::errc::io_error));
    found.emplace(std::vector<int>{3, 4});
    found = miss;
    BOOST_TEST(found.miss());
}
