#define BOOST_TEST_MODULE format_raw
#include <boost/test/unit_test.hpp>

#include "../support/shapes.hpp"

#include <strata/format/raw.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::string_literals;

namespace {

template <class T> std::string encoded(T const& value)
{
    std::string out;
    BOOST_REQUIRE(Raw::encode(value, out));
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(bytes_stand_as_they_are)
{
    auto const all = "\0\xff text\n"s;
    BOOST_CHECK(encoded(all) == all);
    BOOST_CHECK(encoded(std::string_view{all}) == all);
    BOOST_CHECK(encoded(""s).empty());
    BOOST_CHECK(Raw::decode<std::string>(all).value() == all);
    BOOST_CHECK(Raw::decode<std::string>("").value().empty());

    std::vector<std::byte> const some{std::byte{0}, std::byte{200}};
    BOOST_CHECK(encoded(some) == "\0\xc8"s);
    BOOST_CHECK(Raw::decode<std::vector<std::byte>>("\0\xc8"s).value() == some);
}

BOOST_AUTO_TEST_CASE(numbers_have_the_least_significant_byte_first)
{
    BOOST_CHECK(encoded(std::uint32_t{0x01020304}) == "\x04\x03\x02\x01");
    BOOST_CHECK(encoded(std::int16_t{-2}) == "\xfe\xff");
    BOOST_CHECK(encoded(true) == "\x01");
    BOOST_CHECK(encoded(1.0) == "\0\0\0\0\0\0\xf0\x3f"s);
    BOOST_CHECK(encoded(shapes::color::green) == "\x02");
    BOOST_CHECK(Raw::decode<std::uint32_t>("\x04\x03\x02\x01").value() == 0x01020304);
    BOOST_CHECK(Raw::decode<std::int16_t>("\xfe\xff").value() == -2);
    BOOST_CHECK(Raw::decode<shapes::level>(encoded(shapes::level::low)).value() == shapes::level::low);
    BOOST_CHECK(std::signbit(Raw::decode<double>(encoded(-0.0)).value()));
    BOOST_CHECK(std::isnan(Raw::decode<float>(encoded(std::numeric_limits<float>::quiet_NaN())).value()));
}

BOOST_AUTO_TEST_CASE(a_wrong_size_is_corrupt)
{
    for (std::string_view const in : {"", "abc", "abcde", "abcdefgh"}) {
        BOOST_CHECK(Raw::decode<int>(in).error() == errc::corrupt);
        BOOST_CHECK(Raw::decode<float>(in).error() == errc::corrupt);
        BOOST_CHECK(Raw::decode<bool>(in).error() == errc::corrupt);
    }
    BOOST_CHECK(Raw::decode<bool>("\x02").error() == errc::corrupt);
    BOOST_CHECK(Raw::decode<bool>("\0"s).value() == false);
}

BOOST_AUTO_TEST_CASE(what_it_handles)
{
    static_assert(Raw::handles<std::string> && Raw::handles<long> && Raw::handles<shapes::color>);
    static_assert(!Raw::handles<shapes::point> && !Raw::handles<std::string_view> && !Raw::handles<int*> &&
                  !Raw::handles<long double> && !Raw::handles<std::vector<int>> && !Raw::handles<std::vector<bool>>);
    BOOST_CHECK(Raw::name.view() == "Raw");
}
