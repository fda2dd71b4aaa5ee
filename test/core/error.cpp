#define BOOST_TEST_MODULE core_error
#include <boost/test/unit_test.hpp>

#include <strata/core/error.hpp>

#include <set>
#include <string>
#include <system_error>

using namespace strata;

namespace {

constexpr errc all[] = {errc::unavailable, errc::timed_out, errc::protocol, errc::rejected, errc::unauthorized,
                        errc::corrupt,     errc::too_large, errc::bad_key,  errc::exists,   errc::unsupported};

} // namespace

BOOST_AUTO_TEST_CASE(each_code_has_a_message_of_its_own)
{
    std::set<std::string> messages;
    for (errc const code : all) {
        std::error_code const made = code;
        BOOST_TEST(made.value() == static_cast<int>(code));
        BOOST_CHECK(made);
        BOOST_CHECK(made == code);
        BOOST_CHECK(made.category() == error_category());
        BOOST_CHECK(!made.message().empty());
        messages.insert(made.message());
    }
    BOOST_TEST(messages.size() == std::size(all));
    BOOST_TEST(error_category().name() == std::string{"strata"});
    BOOST_CHECK(!messages.contains(error_category().message(0)));
    BOOST_TEST(error_category().message(0) == error_category().message(999));
}

BOOST_AUTO_TEST_CASE(codes_meet_the_conditions_of_the_standard)
{
    BOOST_CHECK(make_error_code(errc::timed_out) == std::errc::timed_out);
    BOOST_CHECK(make_error_code(errc::unauthorized) == std::errc::permission_denied);
    BOOST_CHECK(make_error_code(errc::unsupported) == std::errc::operation_not_supported);
    BOOST_CHECK(make_error_code(errc::corrupt) != std::errc::timed_out);
    BOOST_CHECK(make_error_code(errc::timed_out) != make_error_code(errc::unavailable));
    BOOST_CHECK(make_error_code(errc::unavailable) != std::make_error_code(std::errc::operation_not_permitted));
}

BOOST_AUTO_TEST_CASE(a_failure_keeps_its_code_and_text)
{
    failure const plain = errc::protocol;
    BOOST_CHECK(plain.code() == errc::protocol);
    BOOST_TEST(plain.text().empty());
    failure const system = std::errc::invalid_argument;
    BOOST_CHECK(system.code() == std::errc::invalid_argument);

    failure copy = errc::unavailable;
    {
        std::string words = "OOM command not allowed";
        failure const told{errc::rejected, words};
        words = "gone";
        copy = told;
    }
    BOOST_CHECK(copy.code() == errc::rejected);
    BOOST_TEST(copy.text() == "OOM command not allowed");
    BOOST_CHECK_EXCEPTION(copy.raise(), std::system_error, [](std::system_error const& e) {
        return e.code() == errc::rejected && std::string{e.what()}.starts_with("OOM command not allowed");
    });
}

BOOST_AUTO_TEST_CASE(missing_is_out_of_range)
{
    BOOST_CHECK_THROW(throw missing{}, std::out_of_range);
    BOOST_TEST(std::string{missing{}.what()} == "strata: there is no entry under this key");
}
