#define BOOST_TEST_MODULE format_json
#include <boost/test/unit_test.hpp>

#include "../support/heap.hpp"
#include "../support/shapes.hpp"

#include <strata/json.hpp>

#include <boost/json/parse.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace shapes {

/// Known through Boost.JSON's conversions alone.
struct money {
    int cents = 0;
    bool operator==(money const&) const = default;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& out, money const& in)
{
    out = {{"unit", "EUR"}, {"cents", in.cents}};
}
money tag_invoke(boost::json::value_to_tag<money>, boost::json::value const& in)
{
    return {boost::json::value_to<int>(in.at("cents"))};
}

/// Keeps a part of the tree that it is read from.
struct keeper {
    boost::json::value kept;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& out, keeper const& in) { out = {{"kept", in.kept}}; }
keeper tag_invoke(boost::json::value_to_tag<keeper>, boost::json::value const& in) { return {in.at("kept")}; }

} // namespace shapes

namespace {

template <class T> std::string encoded(T const& value)
{
    std::string out;
    BOOST_REQUIRE(Json::encode(value, out));
    return out;
}

template <class T> bool is_refused(T const& value)
{
    std::string out;
    return Json::encode(value, out).error() == std::errc::invalid_argument;
}

template <class T> bool returns(T const& value)
{
    auto const found = Json::decode<T>(encoded(value));
    return found.hit() && *found == value;
}

template <class T> bool is_corrupt(std::string_view in) { return Json::decode<T>(in).error() == errc::corrupt; }

} // namespace

BOOST_AUTO_TEST_CASE(everything_returns)
{
    BOOST_CHECK(returns(shapes::everything{}));
    shapes::maker make{7};
    for (int i = 0; i < 200; ++i) {
        auto const value = make.make();
        BOOST_REQUIRE(returns(value));
        BOOST_REQUIRE(!boost::json::parse(encoded(value)).is_null()); // others can read it
    }
}

BOOST_AUTO_TEST_CASE(the_text_is_compact_and_sorted)
{
    BOOST_CHECK(encoded(shapes::v2::user{1, "a", {"x", "y"}}) == R"({"id":1,"mails":["x","y"],"name":"a"})");
    BOOST_CHECK(encoded(shapes::described_point{1, 2}) == R"({"x":1,"y":2})");
    BOOST_CHECK((encoded(std::unordered_map<std::string, int>{{"b", 1}, {"a", 2}, {"B", 3}}) ==
                 R"({"B":3,"a":2,"b":1})"));
    BOOST_CHECK((encoded(std::map<int, bool>{{2, true}, {1, false}}) == "[[1,false],[2,true]]"));
    BOOST_CHECK((encoded(std::multimap<std::string, int>{{"a", 1}, {"a", 2}}) == R"([["a",1],["a",2]])"));
    BOOST_CHECK((encoded(std::variant<int, std::string>{"x"}) == R"([1,"x"])"));
    BOOST_CHECK((encoded(std::tuple<int, bool, std::string>{1, true, ""}) == R"([1,true,""])"));
    BOOST_CHECK(encoded(std::optional<int>{}) == "null");
    BOOST_CHECK(encoded(std::optional<std::optional<int>>{}) == "[]");
    BOOST_CHECK(encoded(std::optional<std::optional<int>>{std::optional<int>{}}) == "[null]");
    BOOST_CHECK(encoded(shapes::color::green) == R"("green")");
    BOOST_CHECK(encoded(shapes::level::low) == "-300");
    BOOST_CHECK(encoded(static_cast<shapes::color>(9)) == "9");
    BOOST_CHECK(encoded(90s) == "90");
    BOOST_CHECK(encoded('a') == "97");
    BOOST_CHECK(encoded("\"\\/\b\f\n\r\t\x01\x7f\0gr\xc3\xbcn"s) ==
                R"("\"\\/\b\f\n\r\t\u0001)" "\x7f" R"(\u0000gr)" "\xc3\xbcn\"");
    BOOST_CHECK(encoded(std::string_view{"text"}) == "\"text\"");
    BOOST_CHECK(encoded(shapes::nothing{}) == "{}");
}

BOOST_AUTO_TEST_CASE(what_boost_json_knows)
{
    BOOST_CHECK(encoded(shapes::money{5}) == R"({"cents":5,"unit":"EUR"})");
    BOOST_CHECK(returns(std::vector<shapes::money>{{1}, {2}}));
    BOOST_CHECK(is_corrupt<shapes::money>(R"({"unit":"EUR"})")); // what value_to throws does not pass
    BOOST_CHECK(is_corrupt<std::vector<shapes::money>>("[1]"));

    boost::json::value const tree =
        boost::json::parse(R"({"b":[1,-2,3.5,null,true,18446744073709551615],"a":{"d":"","c":{}}})");
    BOOST_CHECK(encoded(tree) == R"({"a":{"c":{},"d":""},"b":[1,-2,3.5,null,true,18446744073709551615]})");
    BOOST_CHECK(returns(tree));
    BOOST_CHECK(returns(tree.as_object()));
    BOOST_CHECK(returns(std::optional<boost::json::value>{boost::json::value{}}));

    auto const* const long_text = "a text that is longer than what a string holds in itself";
    auto kept = Json::decode<shapes::keeper>("{\"kept\":[\""s + long_text + "\"]}");
    BOOST_CHECK(kept.value().kept.at(0) == long_text);
}

BOOST_AUTO_TEST_CASE(numbers_return_as_they_were)
{
    for (double const value : {0.0, -0.0, 0.1, 1.0, -1.5, 1e300, 5e-324, 2.2250738585072014e-308, 123456789012345680.0,
                               1e22, 9007199254740993.0, 18446744073709551616.0, std::numeric_limits<double>::max()}) {
        auto const found = Json::decode<double>(encoded(value));
        BOOST_REQUIRE(found.hit());
        BOOST_CHECK(*found == value && std::signbit(*found) == std::signbit(value));
    }
    std::mt19937_64 random{1};
    for (int i = 0; i < 20'000; ++i) {
        auto const value = std::bit_cast<double>(random());
        if (std::isfinite(value)) BOOST_REQUIRE(returns(value));
        auto const single = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (std::isfinite(single)) BOOST_REQUIRE(returns(single));
        BOOST_REQUIRE(returns(random()));
        BOOST_REQUIRE(returns(static_cast<std::int64_t>(random())));
    }
    BOOST_CHECK(Json::decode<int>("3.0").value() == 3);
    BOOST_CHECK(Json::decode<int>(" 3\n").value() == 3);
    BOOST_CHECK(Json::decode<int>("3e2").value() == 300);
    BOOST_CHECK(Json::decode<double>("3").value() == 3);
}

BOOST_AUTO_TEST_CASE(numbers_that_do_not_fit)
{
    BOOST_CHECK(is_corrupt<std::uint8_t>("256"));
    BOOST_CHECK(is_corrupt<std::uint8_t>("-1"));
    BOOST_CHECK(is_corrupt<int>("2147483648"));
    BOOST_CHECK(is_corrupt<int>("1.5"));
    BOOST_CHECK(is_corrupt<std::int64_t>("9223372036854775808"));
    BOOST_CHECK(is_corrupt<std::int64_t>("9007199254740993.0")); // a double cannot tell it from its neighbour
    BOOST_CHECK(is_corrupt<std::uint64_t>("18446744073709551616"));
    BOOST_CHECK(is_corrupt<std::uint64_t>("1e20"));
    BOOST_CHECK(is_corrupt<double>("1e400"));
    BOOST_CHECK(is_corrupt<double>("1e-400"));
    BOOST_CHECK(is_corrupt<double>("1e99999999999999999999"));
    BOOST_CHECK(is_corrupt<float>("1e39"));
    BOOST_CHECK(is_corrupt<shapes::point>(R"({"x":2147483648,"y":0})"));
    BOOST_CHECK(is_refused(std::numeric_limits<double>::quiet_NaN()));
    BOOST_CHECK(is_refused(-std::numeric_limits<float>::infinity()));
    BOOST_CHECK(is_refused(std::vector<double>{1, std::numeric_limits<double>::infinity()}));
    BOOST_CHECK(is_refused(boost::json::value{std::numeric_limits<double>::quiet_NaN()}));
}

BOOST_AUTO_TEST_CASE(text_is_utf8)
{
    for (auto const& good : {"\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xef\xbf\xbf"s,
                             "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
        BOOST_CHECK(returns(good));
        BOOST_CHECK(returns("12345678" + good + "12345678"));
    }
    for (auto const& bad : {"\x80"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xe0\x9f\xbf"s, "\xed\xa0\x80"s, "\xef\xbf"s,
                            "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s}) {
        for (auto const& text : {bad, "12345678" + bad, bad + "12345678"}) {
            BOOST_CHECK(is_refused(text));
            BOOST_CHECK(is_refused(std::string_view{text}));
            BOOST_CHECK(is_refused(std::map<std::string, int>{{text, 1}}));
            BOOST_CHECK(is_refused(boost::json::value{text}));
            BOOST_CHECK(is_corrupt<std::string>('"' + text + '"'));
            BOOST_CHECK((is_corrupt<std::map<std::string, int>>("{\"" + text + "\":1}")));
        }
    }
    BOOST_CHECK(is_corrupt<std::string>(R"("\ud800")"));
    BOOST_CHECK(Json::decode<std::string>(R"("\ud83c\udfb2")").value() == "\xf0\x9f\x8e\xb2");
}

BOOST_AUTO_TEST_CASE(other_text_is_corrupt)
{
    for (std::string_view const in : {"", " ", "{", "[1,", "nul", "1 2", "[1]]", "{\"a\":1,}", "'a'", "+1", "01", "NaN",
                                      "Infinity", "// no\n1", "\xef\xbb\xbf" "1"}) {
        BOOST_CHECK(is_corrupt<boost::json::value>(in));
        BOOST_CHECK(is_corrupt<int>(in));
    }
    BOOST_CHECK(is_corrupt<int>("\"1\""));
    BOOST_CHECK(is_corrupt<std::string>("1"));
    BOOST_CHECK(is_corrupt<bool>("1"));
    BOOST_CHECK(is_corrupt<std::vector<int>>("{}"));
    BOOST_CHECK(is_corrupt<std::vector<int>>("[1,null]"));
    BOOST_CHECK((is_corrupt<std::array<int, 2>>("[1]")));
    BOOST_CHECK((is_corrupt<std::tuple<int, int>>("[1,2,3]")));
    BOOST_CHECK((is_corrupt<std::variant<int, bool>>("[2,1]")));
    BOOST_CHECK((is_corrupt<std::variant<int, bool>>("[-1,1]")));
    BOOST_CHECK((is_corrupt<std::variant<int, bool>>("[1]")));
    BOOST_CHECK(is_corrupt<std::set<int>>("[1,1]"));
    BOOST_CHECK((is_corrupt<std::map<int, int>>("[[1,1],[1,2]]")));
    BOOST_CHECK(is_corrupt<shapes::color>("\"blue\""));
    BOOST_CHECK(is_corrupt<shapes::color>("256"));
    BOOST_CHECK(is_corrupt<shapes::point>("[1,2]"));
    BOOST_CHECK(is_corrupt<std::optional<std::optional<int>>>("null"));
}

BOOST_AUTO_TEST_CASE(a_changed_struct_is_a_miss)
{
    auto const old = encoded(shapes::v1::user{7, "alice"});
    BOOST_CHECK(Json::decode<shapes::v1::user>(old).hit());
    BOOST_CHECK(Json::decode<shapes::renamed::user>(old).miss());
    BOOST_CHECK(Json::decode<shapes::retyped::user>(old).miss());
    BOOST_CHECK(Json::decode<shapes::v2::user>(old).miss());
    BOOST_CHECK(Json::decode<std::vector<shapes::v2::user>>("[" + old + "]").miss());
    auto const newer = encoded(shapes::v2::user{7, "alice", {}});
    BOOST_CHECK((Json::decode<shapes::v1::user>(newer).value() == shapes::v1::user{7, "alice"}));
}

BOOST_AUTO_TEST_CASE(depth_is_bounded)
{
    BOOST_CHECK(returns(shapes::deep_tree(31))); // an object and an array each
    BOOST_CHECK(is_refused(shapes::deep_tree(32)));
    BOOST_CHECK(returns(boost::json::parse(std::string(32, '[') + std::string(32, ']'))));
    BOOST_CHECK(is_corrupt<boost::json::value>(std::string(65, '[') + std::string(65, ']')));
    BOOST_CHECK(is_corrupt<boost::json::value>(std::string(1'000'000, '[')));
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_by_the_text)
{
    auto const repeated = [](std::string const& first, std::string const& part, std::string const& last) {
        std::string made = first;
        while (made.size() < 200'000) made += part;
        return made + last;
    };
    for (auto const& in : {repeated("[", "0,", "0]"), repeated("[", "[],", "[]]"), repeated("[", "{},", "{}]"),
                           repeated("[", "[0],", "0]"), repeated("[", "{\"\":0},", "0]"), repeated("[", "\"\",", "0]"),
                           repeated("\"", "x", "\""), repeated("[", "\"0123456789abcdef\",", "0]"),
                           repeated("1", "0", ""), repeated("[", "0,", "")}) {
        test::heap heap;
        static_cast<void>(Json::decode<std::vector<int>>(in));
        BOOST_CHECK_LE(heap.peak(), 48 * in.size());
        static_cast<void>(Json::decode<boost::json::value>(in));
        BOOST_CHECK_LE(heap.peak(), 48 * in.size());
        BOOST_TEST_MESSAGE(in.substr(0, 12) << ": " << heap.peak() / in.size());
    }
}

BOOST_AUTO_TEST_CASE(noise_never_does_harm)
{
    shapes::maker make{5};
    std::mt19937 random{11};
    auto const whole = encoded(make.make());
    for (int n = 0; n < 3000; ++n) {
        auto changed = whole;
        for (auto k = random() % 3 + 1; k-- > 0;) changed[random() % changed.size()] = static_cast<char>(random());
        auto const found = Json::decode<shapes::everything>(changed);
        if (found.hit()) BOOST_REQUIRE(returns(*found));
    }
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_REQUIRE(is_corrupt<shapes::everything>(std::string_view{whole}.substr(0, size)));
    }
}

BOOST_AUTO_TEST_CASE(what_it_handles)
{
    struct stranger {};
    static_assert(!Json::handles<stranger> && !Json::handles<std::vector<stranger>> && !Json::handles<int*> &&
                  !Json::handles<std::string_view> && !Json::handles<char const*> && !Json::handles<long double> &&
                  !Json::handles<std::chrono::steady_clock::time_point>);
    static_assert(Json::handles<shapes::everything> && Json::handles<std::vector<shapes::money>> &&
                  Json::handles<boost::json::value>);
    BOOST_CHECK(Json::name.view() == "Json");
}
