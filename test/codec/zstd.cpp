#define BOOST_TEST_MODULE codec_zstd
#include <boost/test/unit_test.hpp>

#include "../support/samples.hpp"

#include <strata/codec/zstd.hpp>

#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;

static_assert(codec<Zstd>);

namespace {

Zstd::coder coder(int level = Zstd::default_level, std::string dictionary = {}, std::vector<std::string> retired = {})
{
    return Zstd::coder{codec_settings{level, std::move(dictionary), std::move(retired)}};
}

std::string compressed(Zstd::coder const& by, std::string_view in)
{
    std::string out(ZSTD_compressBound(in.size()), '\0');
    out.resize(by.compress(in, out));
    return out;
}

bool comes_back(Zstd::coder const& by, std::string_view form, std::string_view value)
{
    std::string out(value.size(), '\0');
    return by.decompress(form, out) && out == value;
}

auto says(std::string_view beginning)
{
    return [beginning](std::invalid_argument const& thrown) {
        return std::string_view{thrown.what()}.starts_with(beginning);
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_compressed_comes_back)
{
    for (int level : {ZSTD_minCLevel(), -5, 0, 1, 3, 9, 19, ZSTD_maxCLevel()}) {
        auto const by = coder(level);
        for (std::size_t size : {1u, 2u, 63u, 64u, 1000u, 65'536u, 300'000u}) {
            for (std::string const& value : {samples::text(size), samples::noise(size), std::string(size, '\0')}) {
                BOOST_TEST(comes_back(by, compressed(by, value), value), "level " << level << ", size " << size);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(too_little_room_is_no_failure)
{
    auto const by = coder();
    std::string const value = samples::text(10'000);
    std::size_t const needed = compressed(by, value).size();
    std::string out(needed + 64, '\0'); // libzstd asks for a little more than it uses
    BOOST_TEST(by.compress(value, out) == needed);
    for (std::size_t room : {std::size_t{0}, std::size_t{1}, needed / 2, needed - 1}) {
        BOOST_TEST(by.compress(value, std::span{out}.first(room)) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(only_the_right_length_is_decompressed)
{
    auto const by = coder();
    std::string const value = samples::text(1000);
    std::string const form = compressed(by, value);
    for (std::size_t wrong : {0u, 1u, 999u, 1001u, 100'000u}) {
        std::string out(wrong, '\0');
        BOOST_TEST(!by.decompress(form, out), "length " << wrong);
    }
}

BOOST_AUTO_TEST_CASE(only_one_whole_frame_is_decompressed)
{
    auto const by = coder();
    std::string const value = samples::text(1000);
    std::string const form = compressed(by, value);
    for (std::size_t left = 0; left < form.size(); ++left) {
        BOOST_TEST(!comes_back(by, std::string_view{form}.substr(0, left), value));
    }
    BOOST_TEST(!comes_back(by, form + '\0', value));

    std::string const skippable{"\x50\x2a\x4d\x18\x01\x00\x00\x00x", 9};
    BOOST_TEST(!comes_back(by, skippable + form, value));
    BOOST_TEST(!comes_back(by, form + skippable, value));

    std::string const half = value.substr(0, 500);
    BOOST_TEST(!comes_back(by, compressed(by, half) + compressed(by, half), half + half));
}

BOOST_AUTO_TEST_CASE(any_bytes_may_come)
{
    auto const by = coder();
    std::string const value = samples::text(3000);
    std::string form = compressed(by, value);
    for (std::size_t i = 0; i < form.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            form[i] = static_cast<char>(form[i] ^ 1 << bit);
            std::string out(value.size(), '\0');
            static_cast<void>(by.decompress(form, out));
            form[i] = static_cast<char>(form[i] ^ 1 << bit);
        }
    }
    BOOST_TEST(comes_back(by, form, value));
    for (unsigned i = 0; i < 1000; ++i) {
        std::string out(100, '\0');
        BOOST_TEST(!by.decompress(samples::noise(i % 50, i), out));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_longer_than_most)
{
    for (std::size_t size : {1u, 1000u, 131'072u, 131'073u, 10'000'000u}) {
        for (int level : {-5, 3, 19}) {
            BOOST_TEST(Zstd::most(compressed(coder(level), std::string(size, 'x')).size()) >= size);
        }
    }
    BOOST_TEST(Zstd::most(20) <= 1u << 20);
    BOOST_TEST(Zstd::most(SIZE_MAX) > 1u << 30);
}

BOOST_AUTO_TEST_CASE(a_dictionary_makes_small_values_smaller)
{
    std::string const dictionary = Zstd::train(samples::records(2000));
    BOOST_TEST(dictionary.size() <= 16u * 1024);
    auto const with = coder(3, dictionary);
    auto const without = coder(3);
    std::size_t plain = 0;
    std::size_t less = 0;
    for (std::string const& value : samples::records(100, 5000)) {
        std::string const form = compressed(with, value);
        BOOST_TEST(comes_back(with, form, value));
        BOOST_TEST(!comes_back(without, form, value));
        plain += compressed(without, value).size();
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
    std::string const before = compressed(coder(), value);
    std::string const old = compressed(coder(3, first), value);

    auto const now = coder(3, second, {first});
    std::string const current = compressed(now, value);
    BOOST_TEST(comes_back(now, before, value));
    BOOST_TEST(comes_back(now, old, value));
    BOOST_TEST(comes_back(now, current, value));
    BOOST_TEST(comes_back(coder(3, second), current, value));
    BOOST_TEST(!comes_back(coder(3, second), old, value));
    BOOST_TEST(!comes_back(coder(3, first), current, value));

    auto const leaving = coder(3, {}, {first, second});
    BOOST_TEST(comes_back(leaving, old, value));
    BOOST_TEST(comes_back(leaving, current, value));
    BOOST_TEST(comes_back(coder(), compressed(leaving, value), value));
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    using std::invalid_argument;
    std::string const dictionary = Zstd::train(samples::records(2000), 4096);
    std::string const cut = dictionary.substr(0, 30);
    BOOST_CHECK_EXCEPTION(coder(ZSTD_maxCLevel() + 1), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(coder(ZSTD_minCLevel() - 1), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(coder(3, "any text at all"), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(coder(3, cut), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(coder(3, dictionary, {"any text at all"}), invalid_argument, says("Compress.retired: "));
    BOOST_CHECK_EXCEPTION(coder(3, {}, {""}), invalid_argument, says("Compress.retired: "));
}

BOOST_AUTO_TEST_CASE(training_needs_samples)
{
    auto const train = [](std::vector<std::string> const& from) { return Zstd::train(from); };
    BOOST_CHECK_EXCEPTION(train({}), std::invalid_argument, says("Zstd::train: "));
    BOOST_CHECK_EXCEPTION(train({"one", "two"}), std::invalid_argument, says("Zstd::train: "));
}
