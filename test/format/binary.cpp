#define BOOST_TEST_MODULE format_binary
#include <boost/test/unit_test.hpp>

#include "../support/heap.hpp"
#include "../support/shapes.hpp"

#include <strata/format/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::string_literals;
using namespace std::string_view_literals;
using namespace std::chrono_literals;

namespace {

template <class T> std::string encoded(T const& value)
{
    std::string out;
    BOOST_REQUIRE(Binary::encode(value, out));
    return out;
}

/// The bytes behind the fingerprint.
template <class T> std::string body(T const& value) { return encoded(value).substr(4); }

/// `body` as that of a `T`.
template <class T> std::string as(std::string_view body) { return encoded(T{}).substr(0, 4).append(body); }

template <class T> bool returns(T const& value)
{
    auto const found = Binary::decode<T>(encoded(value));
    return found.hit() && *found == value;
}

template <class T> bool is_corrupt(std::string_view in) { return Binary::decode<T>(in).error() == errc::corrupt; }

} // namespace

BOOST_AUTO_TEST_CASE(everything_returns)
{
    BOOST_CHECK(returns(shapes::everything{}));
    shapes::maker make{7};
    for (int i = 0; i < 500; ++i) BOOST_REQUIRE(returns(make.make()));

    BOOST_CHECK(returns(std::monostate{}));
    BOOST_CHECK(returns(shapes::nothing{}));
    BOOST_CHECK(returns(std::tuple<>{}));
    BOOST_CHECK(returns(std::array<int, 0>{}));
    BOOST_CHECK(returns(std::vector<shapes::nothing>(5)));
    BOOST_CHECK(returns(std::vector<std::byte>{std::byte{0}, std::byte{255}}));
    BOOST_CHECK(returns("\0any bytes \xff"s));
    BOOST_CHECK(returns(std::numeric_limits<double>::infinity()));
    BOOST_CHECK(returns(std::chrono::duration<double>{0.25}));
}

BOOST_AUTO_TEST_CASE(integers_of_each_length_return)
{
    for (int bits = 0; bits < 64; ++bits) {
        for (auto const around : {~std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}}) {
            auto const value = (std::uint64_t{1} << bits) + around;
            BOOST_CHECK(returns(value));
            BOOST_CHECK(returns(static_cast<std::int64_t>(value)));
            BOOST_CHECK(returns(static_cast<std::int64_t>(-value)));
            BOOST_CHECK(returns(static_cast<std::int32_t>(value)));
            BOOST_CHECK(returns(static_cast<std::uint16_t>(value)));
            BOOST_CHECK(returns(std::vector<std::uint64_t>{value, value, 1})); // with bytes that follow
        }
    }
}

BOOST_AUTO_TEST_CASE(the_bytes_are_a_contract)
{
    BOOST_CHECK(body(std::uint32_t{0}) == "\0"s);
    BOOST_CHECK(body(std::uint32_t{127}) == "\xfe");
    BOOST_CHECK(body(std::uint32_t{128}) == "\x01\x02");
    BOOST_CHECK(body(-1) == "\x02");
    BOOST_CHECK(body(~std::uint64_t{0}) == "\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    BOOST_CHECK(body("abc"s) == "\x06" "abc");
    BOOST_CHECK(body(true) == "\x01");
    BOOST_CHECK(body(1.0F) == "\0\0\x80\x3f"s);
    BOOST_CHECK(body(std::optional<bool>{}) == "\0"s);
    BOOST_CHECK(body(std::optional<bool>{true}) == "\x01\x01");
    BOOST_CHECK(body(std::variant<int, bool>{true}) == "\x02\x01");
    BOOST_CHECK(body(std::vector<int>{1, -1}) == "\x04\x04\x02");
    BOOST_CHECK(body(std::map<int, bool>{{1, true}}) == "\x02\x04\x01");
    BOOST_CHECK(body(shapes::point{1, 2}) == "\0\x02\x04"s);
    BOOST_CHECK(body(std::tuple{true, 1, "a"s, 256U, -1L}) == "\x10\0\x02\0\x01\x01\x01\x02" "a"s);
    BOOST_CHECK(body(std::pair{1, true}) == "\x04\x01");
    BOOST_CHECK(body(3s) == "\x0c");
    BOOST_CHECK(encoded(shapes::point{}) == "\x40\xf8\xab\x34\0\0\0"s);
    BOOST_CHECK(encoded(0) == "\x56\xaf\xdc\x6c\0"s);
}

BOOST_AUTO_TEST_CASE(text_of_any_kind_is_a_string)
{
    BOOST_CHECK(encoded(std::string_view{"abc"}) == encoded("abc"s));
    BOOST_CHECK(Binary::decode<std::string>(encoded(std::string_view{"abc"})).value() == "abc");
}

BOOST_AUTO_TEST_CASE(a_changed_struct_is_a_miss)
{
    auto const old = encoded(shapes::v1::user{7, "alice"});
    BOOST_CHECK(Binary::decode<shapes::v1::user>(old).hit());
    BOOST_CHECK(Binary::decode<shapes::renamed::user>(old).miss());
    BOOST_CHECK(Binary::decode<shapes::retyped::user>(old).miss());
    BOOST_CHECK(Binary::decode<shapes::v2::user>(old).miss());
    BOOST_CHECK(Binary::decode<std::vector<shapes::v1::user>>(old).miss());
    BOOST_CHECK(Binary::decode<int>(encoded(5L)).miss());
    BOOST_CHECK(Binary::decode<int>(encoded(5U)).miss());
    BOOST_CHECK(Binary::decode<std::chrono::seconds>(encoded(5ms)).miss());
    BOOST_CHECK((Binary::decode<std::array<int, 2>>(encoded(std::array<int, 3>{})).miss()));
}

BOOST_AUTO_TEST_CASE(only_the_structure_counts)
{
    auto const found = Binary::decode<shapes::described_point>(encoded(shapes::point{1, 2}));
    BOOST_CHECK((found.value() == shapes::described_point{1, 2}));
    BOOST_CHECK((Binary::decode<std::deque<int>>(encoded(std::vector<int>{3})).value() == std::deque<int>{3}));
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_extended_is_corrupt)
{
    shapes::maker make{3};
    for (int n = 0; n < 5; ++n) {
        auto const whole = encoded(make.make());
        for (std::size_t size = 0; size < whole.size(); ++size) {
            BOOST_REQUIRE(is_corrupt<shapes::everything>(std::string_view{whole}.substr(0, size)));
        }
        BOOST_CHECK(is_corrupt<shapes::everything>(whole + '\0'));
        BOOST_CHECK(is_corrupt<shapes::everything>(whole + whole));
    }
}

BOOST_AUTO_TEST_CASE(flipped_bits_never_do_harm)
{
    shapes::maker make{5};
    auto bytes = encoded(make.make());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto const flip = static_cast<char>(1 << (bit % 8));
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
        auto const found = Binary::decode<shapes::everything>(bytes);
        if (bit < 32) BOOST_CHECK(found.miss());
        if (found.hit()) BOOST_CHECK(returns(*found) || found->real != found->real || found->single != found->single ||
                                     !found->reals.empty() || found->triple != found->triple);
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
    }
}

BOOST_AUTO_TEST_CASE(values_that_a_type_does_not_have_are_corrupt)
{
    BOOST_CHECK(is_corrupt<bool>(as<bool>("\x02")));
    BOOST_CHECK(is_corrupt<std::uint16_t>(as<std::uint16_t>(body(std::uint32_t{65536}))));
    BOOST_CHECK(is_corrupt<short>(as<short>(body(32768))));
    BOOST_CHECK(is_corrupt<std::optional<int>>(as<std::optional<int>>("\x02\0"s)));
    BOOST_CHECK((is_corrupt<std::variant<int, bool>>(as<std::variant<int, bool>>("\x04\0"s))));
    BOOST_CHECK(is_corrupt<std::set<int>>(as<std::set<int>>(body(std::vector<int>{1, 1}))));
    BOOST_CHECK((is_corrupt<std::map<int, int>>(as<std::map<int, int>>("\x04\x04\x04\x04\x08"))));
    BOOST_CHECK(is_corrupt<std::monostate>(as<std::monostate>("\x01")));
}

BOOST_AUTO_TEST_CASE(integers_that_stand_together)
{
    using three = std::tuple<std::uint64_t, short, std::uint32_t, std::string>;
    BOOST_CHECK(returns(three{~std::uint64_t{0}, -32768, 0xffffffff, ""}));
    for (std::string const& text : {""s, std::string(30, 't')}) { // which are read from a copy and where they are
        std::string const behind = static_cast<char>(2 * text.size()) + text;
        auto const decoded = [&](std::string_view numbers) {
            return Binary::decode<three>(as<three>(std::string{numbers} + behind));
        };
        BOOST_CHECK(decoded("\x10\0\x01\xff\xff\x01"sv).value() == three(1, -32768, 1, text));
        BOOST_CHECK(decoded("\x10\x10\x01\xff\xff\x01"sv).error() == errc::corrupt); // the length of a fourth one
        BOOST_CHECK(decoded("\x10\x08\x01\xff\xff\x01\0\0\0\0\0\0\0\0"sv).error() == errc::corrupt); // nine bytes
        BOOST_CHECK(decoded("\x20\0\x01\0\0\x01\x01"sv).error() == errc::corrupt); // more than a short
        BOOST_CHECK(decoded("\x10\x04\x01\0\0\0\0\0\0\x01"sv).error() == errc::corrupt); // more than an unsigned
    }

    auto many = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::tuple{(std::uint64_t{1} << I)...};
    }(std::make_index_sequence<40>{}); // more than have their lengths in one word
    BOOST_CHECK(returns(many));
    auto const whole = encoded(many);
    for (std::size_t size = 4; size < whole.size(); ++size) {
        BOOST_CHECK(is_corrupt<decltype(many)>(whole.substr(0, size)));
    }
    BOOST_CHECK(returns(std::vector{many, many}));
    BOOST_CHECK(returns(std::tuple{std::vector{1, 2}, many, "a"s, many}));
}

BOOST_AUTO_TEST_CASE(a_length_takes_no_memory_that_the_bytes_do_not_fill)
{
    auto const all = body(std::numeric_limits<std::uint64_t>::max());
    auto const many = body(std::uint64_t{1} << 40) + std::string(1000, '\0');
    for (auto const& in : {all, many}) {
        test::heap heap;
        BOOST_CHECK(is_corrupt<std::string>(as<std::string>(in)));
        BOOST_CHECK(is_corrupt<std::vector<double>>(as<std::vector<double>>(in)));
        BOOST_CHECK(is_corrupt<std::vector<std::string>>(as<std::vector<std::string>>(in)));
        BOOST_CHECK(is_corrupt<std::vector<std::monostate>>(as<std::vector<std::monostate>>(in)));
        BOOST_CHECK((is_corrupt<std::map<int, std::string>>(as<std::map<int, std::string>>(in))));
        BOOST_CHECK(heap.peak() < 16'384);
    }

    using wide = std::vector<std::array<double, 8>>;
    auto const just_short = as<wide>(body(std::uint64_t{1000}) + std::string(63'999, 'x'));
    test::heap heap;
    BOOST_CHECK(is_corrupt<wide>(just_short));
    BOOST_CHECK(heap.peak() < 1000);
}

BOOST_AUTO_TEST_CASE(depth_is_bounded)
{
    BOOST_CHECK(returns(shapes::deep_tree(63)));
    std::string out;
    BOOST_CHECK(Binary::encode(shapes::deep_tree(64), out).error() == std::errc::invalid_argument);

    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "\0\x02"s; // no name, one branch
    BOOST_CHECK(is_corrupt<shapes::tree>(as<shapes::tree>(deep + "\0\0"s)));
}

BOOST_AUTO_TEST_CASE(noise_never_does_harm)
{
    std::mt19937 random{11};
    for (int n = 0; n < 20'000; ++n) {
        std::string noise(random() % 200, '\0');
        for (char& c : noise) c = static_cast<char>(random() % 3 == 0 ? random() : random() % 8);
        static_cast<void>(Binary::decode<shapes::everything>(as<shapes::everything>(noise)));
        static_cast<void>(Binary::decode<shapes::tree>(as<shapes::tree>(noise)));
    }
    BOOST_CHECK(Binary::decode<shapes::tree>("").error() == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(what_it_handles)
{
    struct stranger {};
    static_assert(!Binary::handles<stranger> && !Binary::handles<std::vector<stranger>> && !Binary::handles<int*> &&
                  !Binary::handles<std::string_view> && !Binary::handles<char const*> &&
                  !Binary::handles<std::chrono::steady_clock::time_point> && !Binary::handles<long double>);
    static_assert(Binary::handles<shapes::everything> && Binary::handles<shapes::tree>);
    BOOST_CHECK(Binary::name.view() == "Binary");
}
