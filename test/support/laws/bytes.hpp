#pragma once

#include "subject.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// The laws of stacks whose keys and values are bytes, at least at their top.
namespace laws {

/// Every byte there is, in order.
inline std::string all_bytes()
{
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    return bytes;
}

/// A key is any bytes: none, every one of the 256, what ends a line or a command, and many.
template <class Subject> void any_bytes_are_a_key(Subject& subject)
{
    auto s = subject.fresh();
    std::vector<std::string> keys{
        "",   " ",   "\n", "\r\n", std::string(1, '\0'), std::string(2, '\0'), "a\r\nget b", "$3\r\nfoo\r\n",
        "a ", " a ", "*",  "%s%n", "\xff\xfe", "caf\xc3\xa9", all_bytes(), all_bytes() + all_bytes()};
    for (int byte = 0; byte < 256; ++byte) keys.push_back("k" + std::string(1, static_cast<char>(byte)));
    for (std::size_t length : {63u, 64u, 65u, 249u, 250u, 251u, 255u, 256u, 257u, 1000u, 20'000u}) {
        keys.push_back(std::string(length, 'x'));
        keys.push_back(std::string(length, 'x') + "y");
    }
    std::set<std::string> const distinct(keys.begin(), keys.end());
    int n = 0;
    for (auto const& key : distinct) BOOST_REQUIRE(s.put(key, subject.value(n++)));
    n = 0;
    for (auto const& key : distinct) {
        auto const found = got(subject, s, key);
        BOOST_REQUIRE(found);
        BOOST_CHECK(*found == subject.value(n++));
        BOOST_CHECK(s.contains(key).hit());
    }
    auto const many = s.template get_many<typename Subject::value_type>({distinct.begin(), distinct.end()});
    n = 0;
    for (auto const& found : many) BOOST_CHECK(found.value() == subject.value(n++));
    for (auto const& key : distinct) BOOST_CHECK(s.erase(key).hit());
    for (auto const& key : distinct) BOOST_CHECK(s.contains(key).miss());
}

/// A value is any bytes too; an empty one is a hit.
template <class Subject> void any_bytes_are_a_value(Subject& subject)
{
    auto s = subject.fresh();
    std::vector<std::string> values{"", "0", "\r\n", "plain", "$-1\r\n", "END\r\n", "caf\xc3\xa9"};
    if (subject.can.any_bytes) {
        values.push_back(std::string(1, '\0'));
        values.push_back(all_bytes());
        for (int byte = 0; byte < 256; ++byte) values.push_back(std::string(3, static_cast<char>(byte)));
    }
    std::string out;
    for (auto const& value : values) {
        BOOST_REQUIRE(s.put("key", value));
        auto const found = s.template get<std::string>("key");
        BOOST_REQUIRE(found);
        BOOST_CHECK(*found == value);
        out = "before";
        BOOST_CHECK(s.get_to("key", out).hit());
        BOOST_CHECK(out == value);
        auto const many = s.template get_many<std::string>({"none", "key"});
        BOOST_CHECK(many[0].miss() && many[1].hit() && *many[1] == value);
    }
}

/// Lengths around every size that a buffer may have, up to 1 MiB.
template <class Subject> void values_have_any_length(Subject& subject)
{
    auto s = subject.fresh();
    std::string const pattern = "0123456789abcdefghijklmnopqrstuvwxyz";
    auto const made = [&](std::size_t length) {
        std::string value;
        value.reserve(length);
        while (value.size() < length) value.append(pattern, 0, std::min(pattern.size(), length - value.size()));
        return value;
    };
    std::string out;
    for (std::size_t length : {0u,    1u,    15u,    16u,    17u,    255u,    256u,     1023u,    4096u,
                               8191u, 8192u, 16383u, 16384u, 16385u, 65'536u, 262'144u, 524'288u, 1'048'576u}) {
        if (length > subject.can.largest) break;
        std::string const value = made(length);
        std::string const key = "length " + std::to_string(length);
        BOOST_REQUIRE(s.put(key, value));
        auto const found = s.template get<std::string>(key);
        BOOST_REQUIRE(found);
        BOOST_CHECK(*found == value);
        BOOST_CHECK(s.get_to(key, out).hit());
        BOOST_CHECK(out == value);
    }
    auto const several = s.template get_many<std::string>({"length 65536", "no", "length 1", "length 0"});
    BOOST_CHECK(several[0].value() == made(65'536));
    BOOST_CHECK(several[1].miss());
    BOOST_CHECK(several[2].value() == made(1));
    BOOST_CHECK(several[3].value().empty());
}

enum class colour { red, green };
enum class letter : char { a = 'a' };

/// Keys that are not text: each has an entry of its own.
template <class Subject> void typed_keys_are_unambiguous(Subject& subject)
{
    auto s = subject.fresh();
    int next = 0;
    auto const put = [&](auto const& key) {
        BOOST_CHECK(s.contains(key).miss());
        BOOST_CHECK(s.put(key, subject.value(next++)));
    };
    auto const check = [&](auto const& key) {
        auto const found = got(subject, s, key);
        BOOST_CHECK(found.hit() && *found == subject.value(next));
        ++next;
    };
    auto const each = [](auto const& f) {
        f(std::tuple{"a", "bc"});
        f(std::tuple{"ab", "c"});
        f(std::tuple{"abc", ""});
        f(std::tuple{"", "abc"});
        f(std::tuple{"abc"});
        f(std::tuple{"a\",\"bc"});
        f(std::tuple{"a\\", "bc"});
        f(std::tuple{"a\\\",\"bc"});
        f(std::tuple{1, 2});
        f(std::tuple{"1", "2"});
        f(std::tuple{12});
        f(std::tuple{1, 2, 3});
        f(std::tuple{std::tuple{1, 2}, 3});
        f(std::tuple{1, std::tuple{2, 3}});
        f(std::tuple{std::tuple{}, 3});
        f(std::tuple<>{});
        f(std::tuple{nullptr});
        f(std::tuple{"null"});
        f(std::tuple{true});
        f(std::tuple{"true"});
        f(std::tuple{std::string{"a\0b", 3}});
        f(std::tuple{"a"});
        f(std::pair{7, letter::a});
        f(12);
        f(-12);
        f(INT64_MIN);
        f(UINT64_MAX);
        f(colour::green);
    };
    each(put);
    next = 0;
    each(check);

    // The same key whatever type of integer or text it was given in.
    BOOST_CHECK(got(subject, s, std::int8_t{12}).hit());
    BOOST_CHECK(got(subject, s, std::uint64_t{12}).hit());
    BOOST_CHECK(got(subject, s, std::tuple{std::string{"ab"}, std::string_view{"c"}}).hit());
    BOOST_CHECK(s.contains(colour::red).miss());

    std::vector<std::tuple<std::string, int>> const batch{{"x", 1}, {"y", 2}};
    BOOST_CHECK(s.put(batch[1], subject.value(2)));
    auto const found = s.template get_many<typename Subject::value_type>(batch);
    BOOST_REQUIRE(found.size() == 2);
    BOOST_CHECK(found[0].miss() && found[1].hit());
}

/// Text of any kind is a key and a value: literals, views, strings that are about to go.
template <class Subject> void text_of_any_kind_is_taken(Subject& subject)
{
    auto s = subject.fresh();
    char const array[] = "array";
    char const* const pointer = "pointer";
    BOOST_CHECK(s.put("literal", "value"));
    BOOST_CHECK(s.put(array, array));
    BOOST_CHECK(s.put(pointer, pointer));
    BOOST_CHECK(s.put(std::string{"string"}, std::string{"string"}));
    BOOST_CHECK(s.put(std::string_view{"view"}, std::string_view{"view"}));
    BOOST_CHECK(s.template get<std::string>("literal").value() == "value");
    for (std::string const key : {"array", "pointer", "string", "view"}) {
        BOOST_CHECK(s.template get<std::string>(key).value() == key);
    }
    auto const done = s.put_many({{"one", "1"}, {"two", "2"}});
    BOOST_CHECK(done.size() == 2 && done[0] && done[1]);
    auto const found = s.template get_many<std::string>({"two", "three", "one"});
    BOOST_REQUIRE(found.size() == 3);
    BOOST_CHECK(found[0].value() == "2" && found[1].miss() && found[2].value() == "1");
    auto const gone = s.erase_many({"one", "three"});
    BOOST_CHECK(gone.size() == 2 && gone[0].hit() && gone[1].miss());
    BOOST_CHECK(s.get_or("made", [] { return "literal"; }) == "literal");
    BOOST_CHECK(s.template get<std::string>("made").value() == "literal");
}

} // namespace laws
