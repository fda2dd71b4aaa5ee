#define BOOST_TEST_MODULE format_msgpack
#include <boost/test/unit_test.hpp>

#include "../support/heap.hpp"
#include "../support/shapes.hpp"

#include <strata/format/msgpack.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace recorded {

struct track {
    std::string name;
    double seconds = 0;
    bool operator==(track const&) const = default;
};

struct album {
    std::string title;
    int year = 0;
    std::vector<track> tracks;
    std::map<std::string, std::int64_t> plays;
    std::vector<std::byte> cover;
    std::optional<std::string> label;
    bool live = true;
    std::uint64_t rating = 0;
    std::uint64_t seen = 0;
    std::vector<int> scores;
    bool operator==(album const&) const = default;
};

} // namespace recorded

BOOST_HANA_ADAPT_STRUCT(recorded::track, name, seconds);
BOOST_HANA_ADAPT_STRUCT(recorded::album, title, year, tracks, plays, cover, label, live, rating, seen, scores);

using namespace strata;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

template <class T> std::string encoded(T const& value)
{
    std::string out;
    BOOST_REQUIRE(MsgPack::encode(value, out));
    return out;
}

template <class T> bool returns(T const& value)
{
    auto const found = MsgPack::decode<T>(encoded(value));
    return found.hit() && *found == value;
}

template <class T> bool is_corrupt(std::string_view in) { return MsgPack::decode<T>(in).error() == errc::corrupt; }

} // namespace

BOOST_AUTO_TEST_CASE(everything_returns)
{
    BOOST_CHECK(returns(shapes::everything{}));
    shapes::maker make{7};
    for (int i = 0; i < 300; ++i) BOOST_REQUIRE(returns(make.make()));
    for (std::size_t const size : {15UL, 16UL, 31UL, 32UL, 255UL, 256UL, 65'535UL, 65'536UL}) {
        BOOST_CHECK(returns(std::string(size, 'x')));
        BOOST_CHECK(returns(std::string(size, '\xff')));
        BOOST_CHECK(returns(std::vector<std::byte>(size)));
        BOOST_CHECK(returns(std::vector<short>(size, 3)));
        std::map<int, bool> map;
        for (int i = 0; i < static_cast<int>(size); ++i) map[i] = true;
        BOOST_CHECK(returns(map));
    }
    BOOST_CHECK(returns(std::numeric_limits<double>::infinity()));
    BOOST_CHECK(returns(std::optional<std::monostate>{}));
    BOOST_CHECK(returns(std::optional{std::monostate{}}));
}

/// The examples of the specification, and the ends of each form.
BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_the_specification)
{
    BOOST_CHECK(encoded(std::monostate{}) == "\xc0");
    BOOST_CHECK(encoded(false) == "\xc2");
    BOOST_CHECK(encoded(true) == "\xc3");
    BOOST_CHECK(encoded(0) == "\0"s);
    BOOST_CHECK(encoded(127) == "\x7f");
    BOOST_CHECK(encoded(128) == "\xcc\x80");
    BOOST_CHECK(encoded(256) == "\xcd\x01\0"s);
    BOOST_CHECK(encoded(65536) == "\xce\0\x01\0\0"s);
    BOOST_CHECK(encoded(std::uint64_t{1} << 32) == "\xcf\0\0\0\x01\0\0\0\0"s);
    BOOST_CHECK(encoded(-1) == "\xff");
    BOOST_CHECK(encoded(-32) == "\xe0");
    BOOST_CHECK(encoded(-33) == "\xd0\xdf");
    BOOST_CHECK(encoded(-129) == "\xd1\xff\x7f");
    BOOST_CHECK(encoded(-32769) == "\xd2\xff\xff\x7f\xff");
    BOOST_CHECK(encoded(std::numeric_limits<std::int64_t>::min()) == "\xd3\x80\0\0\0\0\0\0\0"s);
    BOOST_CHECK(encoded(1.5F) == "\xca\x3f\xc0\0\0"s);
    BOOST_CHECK(encoded(1.5) == "\xcb\x3f\xf8\0\0\0\0\0\0"s);
    BOOST_CHECK(encoded("abc"s) == "\xa3" "abc");
    BOOST_CHECK(encoded(std::string_view{"abc"}) == "\xa3" "abc");
    BOOST_CHECK(encoded("\xff"s) == "\xc4\x01\xff");
    BOOST_CHECK(encoded(std::string(32, 'x')) == "\xd9\x20" + std::string(32, 'x'));
    BOOST_CHECK(encoded(std::vector{1, 2}) == "\x92\x01\x02");
    BOOST_CHECK((encoded(std::map<std::string, bool>{{"compact", true}}) == "\x81\xa7" "compact\xc3"));
    BOOST_CHECK(encoded(shapes::point{1, 2}) == "\x82\xa1x\x01\xa1y\x02");
    BOOST_CHECK((encoded(std::variant<int, bool>{true}) == "\x92\x01\xc3"));
    BOOST_CHECK(encoded(std::optional<int>{}) == "\xc0");
    BOOST_CHECK(encoded(std::optional<int>{5}) == "\x05");
    BOOST_CHECK(encoded(std::optional<std::optional<int>>{}) == "\x90");
    BOOST_CHECK(encoded(90s) == "\x5a");
}

/// Python's msgpack 1.0.3 made these bytes of a dictionary with `packb`, and makes that dictionary of them.
BOOST_AUTO_TEST_CASE(another_implementation_writes_and_reads_the_same)
{
    auto const bytes =
        "\x8a\xa5title\xadGr\xc3\xbc\xc3\x9f" "e, \xf0\x9f\x8e\xb2\xa4year\xcd\x07\xb5\xa6tracks\x92\x82\xa4n"
        "ame\xabSpeak to Me\xa7seconds\xcb@P`\x00\x00\x00\x00\x00\x82\xa4name\xd9(xxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxx\xa7seconds\xcb?\xb9\x99\x99\x99\x99\x99\x9a\xa5plays\x86\xa0\x00\xa5" "alice\xcf\x7f"
        "\xff\xff\xff\xff\xff\xff\xff\xa3" "bob\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xa5" "carol\xd0\xdf\xa4"
        "dave\xcc\xff\xa4" "erin\xce\x00\x01\x00\x00\xa5" "cover\xc4\x09\xfa\xfb\xfc\xfd\xfe\xff\x00\x00\x00"
        "\xa5label\xc0\xa4live\xc2\xa6rating\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xa4seen\xcf\xff\xff\xff\xff"
        "\xff\xff\xff\xff\xa6scores\x9a\x00\x7f\xcc\x80\xff\xe0\xd0\x80\xd1\xff\x7f\xcd\x7f\xff\xd1\x80\x00"
        "\xd2\xff\xff\x7f\xff"s;
    recorded::album const album{
        .title = "Gr\xc3\xbc\xc3\x9f" "e, \xf0\x9f\x8e\xb2",
        .year = 1973,
        .tracks = {{"Speak to Me", 65.5}, {std::string(40, 'x'), 0.1}},
        .plays = {{"", 0}, {"alice", std::numeric_limits<std::int64_t>::max()},
                  {"bob", std::numeric_limits<std::int64_t>::min()}, {"carol", -33}, {"dave", 255}, {"erin", 65536}},
        .cover = {std::byte{250}, std::byte{251}, std::byte{252}, std::byte{253}, std::byte{254}, std::byte{255},
                  std::byte{0}, std::byte{0}, std::byte{0}},
        .label = std::nullopt,
        .live = false,
        .rating = std::uint64_t{1} << 32,
        .seen = ~std::uint64_t{0},
        .scores = {0, 127, 128, -1, -32, -128, -129, 32767, -32768, -32769}};
    BOOST_CHECK(MsgPack::decode<recorded::album>(bytes).value() == album);
    BOOST_CHECK(encoded(album) == bytes);
}

BOOST_AUTO_TEST_CASE(any_form_is_read)
{
    for (auto const& five : {"\x05"s, "\xcc\x05"s, "\xcd\0\x05"s, "\xce\0\0\0\x05"s, "\xcf\0\0\0\0\0\0\0\x05"s,
                             "\xd0\x05"s, "\xd1\0\x05"s, "\xd2\0\0\0\x05"s, "\xd3\0\0\0\0\0\0\0\x05"s}) {
        BOOST_CHECK(MsgPack::decode<std::uint8_t>(five).value() == 5);
        BOOST_CHECK(MsgPack::decode<std::int64_t>(five).value() == 5);
        BOOST_CHECK(MsgPack::decode<double>(five).value() == 5);
    }
    BOOST_CHECK(MsgPack::decode<double>("\xff").value() == -1);
    BOOST_CHECK(MsgPack::decode<double>(encoded(1.5F)).value() == 1.5);
    BOOST_CHECK(MsgPack::decode<float>(encoded(1.5)).value() == 1.5F);
    BOOST_CHECK(encoded(MsgPack::decode<float>("\xca\x7f\x80\0\x01"s).value()) == "\xca\x7f\x80\0\x01"s);
    for (auto const& text : {"\xa1x"s, "\xd9\x01x"s, "\xda\0\x01x"s, "\xdb\0\0\0\x01x"s, "\xc4\x01x"s, "\xc5\0\x01x"s,
                             "\xc6\0\0\0\x01x"s}) {
        BOOST_CHECK(MsgPack::decode<std::string>(text).value() == "x");
        BOOST_CHECK(MsgPack::decode<std::vector<char>>(text).value() == std::vector{'x'});
    }
    for (auto const& list : {"\x91\x05"s, "\xdc\0\x01\x05"s, "\xdd\0\0\0\x01\x05"s}) {
        BOOST_CHECK(MsgPack::decode<std::vector<int>>(list).value() == std::vector{5});
    }
    for (auto const& map : {"\x81\x05\x06"s, "\xde\0\x01\x05\x06"s, "\xdf\0\0\0\x01\x05\x06"s}) {
        BOOST_CHECK((MsgPack::decode<std::map<int, int>>(map).value() == std::map<int, int>{{5, 6}}));
    }
}

BOOST_AUTO_TEST_CASE(members_that_are_not_known_are_left_aside)
{
    for (auto const& more : {"\xc0"s, "\xc3"s, "\x01"s, "\xff"s, "\xcb\x3f\xf8\0\0\0\0\0\0"s, "\xa1y"s, "\xc4\x01y"s,
                             "\x92\xa1y\x81\x01\x02"s, "\xd4\x01y"s, "\xd8\x01" "0123456789abcdef"s,
                             "\xc7\x02\x01yy"s}) {
        auto const in = "\x83\xa1x\x01\xa4more" + more + "\xa1y\x02";
        BOOST_CHECK((MsgPack::decode<shapes::point>(in).value() == shapes::point{1, 2}));
        for (std::size_t size = 0; size < in.size(); ++size) {
            BOOST_CHECK(is_corrupt<shapes::point>(std::string_view{in}.substr(0, size)));
        }
    }
    BOOST_CHECK((MsgPack::decode<shapes::point>("\x82\xa1y\x02\xa1x\x01").value() == shapes::point{1, 2}));
    auto const deep = "\x83\xa1x\x01\xa1y\x02\xa1z" + std::string(1'000'000, '\x91') + '\x01';
    BOOST_CHECK((MsgPack::decode<shapes::point>(deep).value() == shapes::point{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_changed_struct_is_a_miss)
{
    auto const old = encoded(shapes::v1::user{7, "alice"});
    BOOST_CHECK(MsgPack::decode<shapes::v1::user>(old).hit());
    BOOST_CHECK(MsgPack::decode<shapes::renamed::user>(old).miss());
    BOOST_CHECK(MsgPack::decode<shapes::retyped::user>(old).miss());
    BOOST_CHECK(MsgPack::decode<shapes::v2::user>(old).miss());
    BOOST_CHECK((MsgPack::decode<shapes::v1::user>(encoded(shapes::v2::user{7, "alice", {}})).value() ==
                 shapes::v1::user{7, "alice"}));
}

BOOST_AUTO_TEST_CASE(other_bytes_are_corrupt)
{
    BOOST_CHECK(is_corrupt<int>(""));
    BOOST_CHECK(is_corrupt<int>("\xc1"));
    BOOST_CHECK(is_corrupt<int>("\x01\x02"));
    BOOST_CHECK(is_corrupt<int>(encoded(1.0)));
    BOOST_CHECK(is_corrupt<int>(encoded("1"s)));
    BOOST_CHECK(is_corrupt<bool>("\x01"));
    BOOST_CHECK(is_corrupt<std::string>("\x01"));
    BOOST_CHECK(is_corrupt<std::uint8_t>(encoded(256)));
    BOOST_CHECK(is_corrupt<std::uint8_t>(encoded(-1)));
    BOOST_CHECK(is_corrupt<std::int64_t>(encoded(std::uint64_t{1} << 63)));
    BOOST_CHECK(is_corrupt<short>(encoded(-32769)));
    BOOST_CHECK(is_corrupt<float>(encoded(1e39)));
    BOOST_CHECK(is_corrupt<std::set<int>>("\x92\x01\x01"));
    BOOST_CHECK((is_corrupt<std::map<int, int>>("\x82\x01\x01\x01\x02")));
    BOOST_CHECK((is_corrupt<std::variant<int, bool>>("\x92\x02\x01")));
    BOOST_CHECK((is_corrupt<std::array<int, 2>>("\x91\x01")));
    BOOST_CHECK((is_corrupt<std::optional<std::optional<int>>>("\xc0")));
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_changed_never_does_harm)
{
    shapes::maker make{5};
    std::mt19937 random{11};
    auto const whole = encoded(make.make());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_REQUIRE(is_corrupt<shapes::everything>(std::string_view{whole}.substr(0, size)));
    }
    BOOST_CHECK(is_corrupt<shapes::everything>(whole + '\0'));
    for (int n = 0; n < 20'000; ++n) {
        auto changed = whole;
        for (auto k = random() % 3 + 1; k-- > 0;) changed[random() % changed.size()] = static_cast<char>(random());
        static_cast<void>(MsgPack::decode<shapes::everything>(changed));
        std::string noise(random() % 100, '\0');
        for (char& c : noise) c = static_cast<char>(random() % 2 == 0 ? random() : 0x80 + random() % 32);
        static_cast<void>(MsgPack::decode<std::vector<std::map<std::string, std::vector<int>>>>(noise));
    }
}

BOOST_AUTO_TEST_CASE(a_length_takes_no_memory_that_the_bytes_do_not_fill)
{
    test::heap heap;
    for (auto const& head : {"\xdb\xff\xff\xff\xff"s, "\xc6\xff\xff\xff\xff"s, "\xdd\xff\xff\xff\xff"s,
                             "\xdf\xff\xff\xff\xff"s}) {
        auto const in = head + std::string(1000, '\0');
        BOOST_CHECK(is_corrupt<std::string>(in));
        BOOST_CHECK(is_corrupt<std::vector<std::string>>(in));
        BOOST_CHECK((is_corrupt<std::unordered_map<std::string, int>>(in)));
        BOOST_CHECK(is_corrupt<shapes::point>(in));
    }
    BOOST_CHECK(heap.peak() < 16'384);
}

BOOST_AUTO_TEST_CASE(depth_is_bounded)
{
    BOOST_CHECK(returns(shapes::deep_tree(31))); // a map and an array each
    std::string out;
    BOOST_CHECK(MsgPack::encode(shapes::deep_tree(32), out).error() == std::errc::invalid_argument);
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "\x82\xa4name\xa0\xa8" "branches\x91";
    BOOST_CHECK(is_corrupt<shapes::tree>(deep + "\x01"));
}
