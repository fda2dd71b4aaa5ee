#define BOOST_TEST_MODULE codec_zstd
#include <boost/test/unit_test.hpp>

#include "../support/codec.hpp"

#include <strata/codec/zstd.hpp>

#include <zstd.h>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace strata;

static_assert(codec<Zstd>);

using zstd = test::coding<Zstd>;
using test::says;

BOOST_AUTO_TEST_CASE(what_is_compressed_comes_back)
{
    zstd::check_round_trips({ZSTD_minCLevel(), -5, 0, 1, 3, 9, 19, ZSTD_maxCLevel()});
}

BOOST_AUTO_TEST_CASE(too_little_room_is_no_failure)
{
    auto const by = zstd::coder();
    std::string const value = samples::text(10'000);
    std::size_t const needed = zstd::compressed(by, value).size();
    std::string out(needed + 64, '\0'); // libzstd asks for a little more than it uses
    BOOST_TEST(by.compress(value, out) == needed);
    for (std::size_t room : {std::size_t{0}, std::size_t{1}, needed / 2, needed - 1}) {
        BOOST_TEST(by.compress(value, std::span{out}.first(room)) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(only_the_whole_is_decompressed) { zstd::check_only_the_whole(); }

BOOST_AUTO_TEST_CASE(only_one_frame_is_decompressed)
{
    auto const by = zstd::coder();
    std::string const value = samples::text(1000);
    std::string const form = zstd::compressed(by, value);
    std::string const skippable{"\x50\x2a\x4d\x18\x01\x00\x00\x00x", 9};
    BOOST_TEST(!zstd::comes_back(by, skippable + form, value));
    BOOST_TEST(!zstd::comes_back(by, form + skippable, value));

    std::string const half = value.substr(0, 500);
    BOOST_TEST(!zstd::comes_back(by, zstd::compressed(by, half) + zstd::compressed(by, half), half + half));
}

BOOST_AUTO_TEST_CASE(any_bytes_may_come)
{
    zstd::check_any_bytes();
    auto const by = zstd::coder();
    for (unsigned i = 0; i < 1000; ++i) {
        std::string out(100, '\0');
        BOOST_TEST(!by.decompress(samples::noise(i % 50, i), out));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_longer_than_most)
{
    zstd::check_most({-5, 3, 19});
    BOOST_TEST(Zstd::most(20) <= 1u << 20);
}

BOOST_AUTO_TEST_CASE(a_dictionary_makes_small_values_smaller)
{
    std::string const dictionary = Zstd::train(samples::records(2000));
    BOOST_TEST(dictionary.size() <= 16u * 1024);
    auto const with = zstd::coder(3, dictionary);
    auto const without = zstd::coder(3);
    std::size_t plain = 0;
    std::size_t less = 0;
    for (std::string const& value : samples::records(100, 5000)) {
        std::string const form = zstd::compressed(with, value);
        BOOST_TEST(zstd::comes_back(with, form, value));
        BOOST_TEST(!zstd::comes_back(without, form, value));
        plain += zstd::compressed(without, value).size();
        less += form.size();
    }
    BOOST_TEST(less * 2 < plain);
}

BOOST_AUTO_TEST_CASE(dictionaries_can_be_replaced)
{
    std::string const first = Zstd::train(samples::records(2000), 4096);
    std::string const second = Zstd::train(samples::records(2000, 10'000), 4096);
    BOOST_TEST(first != second);
    std::string const value = samples::record(77);
    std::string const before = zstd::compressed(zstd::coder(), value);
    std::string const old = zstd::compressed(zstd::coder(3, first), value);

    auto const now = zstd::coder(3, second, {first});
    std::string const current = zstd::compressed(now, value);
    BOOST_TEST(zstd::comes_back(now, before, value));
    BOOST_TEST(zstd::comes_back(now, old, value));
    BOOST_TEST(zstd::comes_back(now, current, value));
    BOOST_TEST(zstd::comes_back(zstd::coder(3, second), current, value));
    BOOST_TEST(!zstd::comes_back(zstd::coder(3, second), old, value));
    BOOST_TEST(!zstd::comes_back(zstd::coder(3, first), current, value));

    auto const leaving = zstd::coder(3, {}, {first, second});
    BOOST_TEST(zstd::comes_back(leaving, old, value));
    BOOST_TEST(zstd::comes_back(leaving, current, value));
    BOOST_TEST(zstd::comes_back(zstd::coder(), zstd::compressed(leaving, value), value));
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    using std::invalid_argument;
    std::string const dictionary = Zstd::train(samples::records(2000), 4096);
    std::string const cut = dictionary.substr(0, 30);
    BOOST_CHECK_EXCEPTION(zstd::coder(ZSTD_maxCLevel() + 1), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(zstd::coder(ZSTD_minCLevel() - 1), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(zstd::coder(3, "any text at all"), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(zstd::coder(3, cut), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(zstd::coder(3, dictionary, {"any text at all"}), invalid_argument, says("Compress.retired: "));
    BOOST_CHECK_EXCEPTION(zstd::coder(3, {}, {""}), invalid_argument, says("Compress.retired: "));
}

BOOST_AUTO_TEST_CASE(training_needs_samples)
{
    auto const train = [](std::vector<std::string> const& from) { return Zstd::train(from); };
    BOOST_CHECK_EXCEPTION(train({}), std::invalid_argument, says("Zstd::train: "));
    BOOST_CHECK_EXCEPTION(train({"one", "two"}), std::invalid_argument, says("Zstd::train: "));
}
