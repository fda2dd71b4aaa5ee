#define BOOST_TEST_MODULE codec_lz4
#include <boost/test/unit_test.hpp>

#include "../support/codec.hpp"

#include <strata/codec/lz4.hpp>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

using namespace strata;

static_assert(codec<Lz4>);

using lz4 = test::coding<Lz4>;
using test::says;

BOOST_AUTO_TEST_CASE(what_is_compressed_comes_back)
{
    lz4::check_round_trips({-65'537, -10, -1, 0, 1, 2, 3, 9, 12});
}

BOOST_AUTO_TEST_CASE(levels_differ)
{
    std::string const value = samples::text(20'000);
    BOOST_TEST(lz4::compressed(lz4::coder(9), value).size() < lz4::compressed(lz4::coder(0), value).size());
    BOOST_TEST(lz4::compressed(lz4::coder(0), value).size() < lz4::compressed(lz4::coder(-50), value).size());
}

BOOST_AUTO_TEST_CASE(too_little_room_is_no_failure)
{
    for (int level : {0, 9}) {
        auto const by = lz4::coder(level);
        std::string const value = samples::text(10'000);
        std::size_t const needed = lz4::compressed(by, value).size();
        std::string out(needed, '\0');
        for (std::size_t room : {std::size_t{0}, std::size_t{1}, needed / 2, needed - 1}) {
            BOOST_TEST(by.compress(value, std::span{out}.first(room)) == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_the_whole_is_decompressed) { lz4::check_only_the_whole(); }

BOOST_AUTO_TEST_CASE(any_bytes_may_come) { lz4::check_any_bytes(); }

BOOST_AUTO_TEST_CASE(nothing_is_longer_than_most)
{
    lz4::check_most({0, 12});
    BOOST_TEST(Lz4::most(20) <= 20u * 255);
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    using std::invalid_argument;
    BOOST_CHECK_EXCEPTION(lz4::coder(13), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(lz4::coder(-65'538), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(lz4::coder(0, "a dictionary"), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(lz4::coder(0, {}, {"a dictionary"}), invalid_argument, says("Compress.retired: "));
}
