#define BOOST_TEST_MODULE core_key_text
#include <boost/test/unit_test.hpp>

#include <strata/core/key_text.hpp>

#include <boost/hana/define_struct.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace strata;

namespace {

template <class T> std::string text(T const& part)
{
    key_buffer out;
    append_json(out, part);
    return {out.begin(), out.end()};
}

enum class colour { red, green = 7 };
enum class wide : std::uint64_t { most = UINT64_MAX };

struct user {
    BOOST_HANA_DEFINE_STRUCT(user, (std::string, name), (int, age));
};
struct opaque {};

} // namespace

BOOST_AUTO_TEST_CASE(numbers)
{
    BOOST_TEST(text(0) == "0");
    BOOST_TEST(text(-3) == "-3");
    BOOST_TEST(text(INT64_MIN) == "-9223372036854775808");
    BOOST_TEST(text(UINT64_MAX) == "18446744073709551615");
    BOOST_TEST(text(std::int8_t{-128}) == "-128");
    BOOST_TEST(text(std::uint8_t{255}) == "255");
    BOOST_TEST(text(0.1) == "0.1");
    BOOST_TEST(text(0.1f) == "0.1");
    BOOST_TEST(text(1e300) == "1e+300");
    BOOST_TEST(text(-2.5) == "-2.5");
    BOOST_CHECK(text(0.1 + 0.2) != text(0.3));
    BOOST_TEST(text(true) == "true");
    BOOST_TEST(text(false) == "false");
    BOOST_TEST(text(colour::green) == "7");
    BOOST_TEST(text(wide::most) == "18446744073709551615");
}

BOOST_AUTO_TEST_CASE(text_of_any_kind)
{
    BOOST_TEST(text("a\"b\\c") == R"("a\"b\\c")");
    BOOST_TEST(text(std::string{"a\0b\x1f", 4}) == R"("a\u0000b\u001f")");
    BOOST_TEST(text(std::string_view{"\b\f\n\r\t"}) == R"("\b\f\n\r\t")");
    BOOST_TEST(text("caf\xc3\xa9\x7f\xff") == "\"caf\xc3\xa9\x7f\xff\"");
    BOOST_TEST(text('x') == "\"x\"");
    BOOST_TEST(text('"') == "\"\\\"\"");
    BOOST_TEST(text("") == "\"\"");
    BOOST_TEST(text(static_cast<char const*>(nullptr)) == "null");
    BOOST_TEST(text(nullptr) == "null");
}

BOOST_AUTO_TEST_CASE(what_has_parts)
{
    BOOST_TEST(text(std::tuple{"hello", 3}) == R"(["hello",3])");
    BOOST_TEST(text(std::tuple<>{}) == "[]");
    BOOST_TEST(text(std::pair{1, std::pair{2, 3}}) == "[1,[2,3]]");
    BOOST_TEST(text(std::vector<int>{1, 2}) == "[1,2]");
    BOOST_TEST(text(std::vector<int>{}) == "[]");
    BOOST_TEST(text(std::vector<bool>{true, false}) == "[true,false]");
    BOOST_TEST(text(std::list<std::string>{"a", "b"}) == R"(["a","b"])");
    BOOST_TEST(text(std::array<double, 2>{0.5, 1}) == "[0.5,1]");
    BOOST_TEST(text(std::optional<int>{3}) == "3");
    BOOST_TEST(text(std::optional<int>{}) == "null");
    using nested = std::optional<std::optional<int>>;
    BOOST_TEST(text(nested{}) == "null");
    BOOST_TEST(text(nested{std::optional<int>{}}) == "[null]");
    BOOST_TEST(text(nested{3}) == "[3]");
    BOOST_TEST(text(std::optional<char const*>{nullptr}) == "[null]");
    BOOST_TEST(text(std::optional<char const*>{}) == "null");
    BOOST_TEST(text(user{"ann", 40}) == R"(["ann",40])");
}

BOOST_AUTO_TEST_CASE(tuples_of_text_are_unambiguous)
{
    // All pairs of short strings of the signs that the text itself is made of.
    std::vector<std::string> words{""};
    for (std::size_t i = 0; words[i].size() < 3; ++i) {
        for (char const c : {'"', '\\', ',', '[', 'n'}) words.push_back(words[i] + c);
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < words.size(); ++i) {
        texts.push_back(text(std::tuple{words[i]}));
        for (std::size_t j = 0; j < 31; ++j) texts.push_back(text(std::tuple{words[i], words[j]}));
    }
    auto const number = texts.size();
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    BOOST_TEST(texts.size() == number);
    BOOST_TEST(number > 4000u);
}

BOOST_AUTO_TEST_CASE(only_such_are_keys)
{
    static_assert(key_part<int> && key_part<std::string> && key_part<char const*> && key_part<std::tuple<int, char>>);
    static_assert(key_part<user> && key_part<std::vector<int>> && key_part<std::optional<colour>>);
    static_assert(!key_part<opaque> && !key_part<int*>);
    static_assert(text_key<std::string> && text_key<char[4]> && !text_key<int> && !text_key<std::nullptr_t>);
}

BOOST_AUTO_TEST_CASE(it_appends)
{
    key_buffer out;
    append(out, "p.");
    append_json(out, std::tuple{1});
    append_json(out, std::string(500, 'x'));
    BOOST_TEST((std::string{out.begin(), out.end()} == "p.[1]\"" + std::string(500, 'x') + "\""));
}
