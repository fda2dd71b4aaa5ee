#define BOOST_TEST_MODULE codec_lz4
#include <boost/test/unit_test.hpp>

#include "../support/samples.hpp"

#include <strata/codec/lz4.hpp>

#include <lz4.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;

static_assert(codec<Lz4>);

namespace {

Lz4::coder coder(int level = Lz4::default_level, std::string dictionary = {}, std::vector<std::string> retired = {})
{
    return Lz4::coder{codec_settings{level, std::move(dictionary), std::move(retired)}};
}

std::string compressed(Lz4::coder const& by, std::string_view in)
{
    std::string out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(in.size()))), '\0');
    out.resize(by.compress(in, out));
    return out;
}

bool comes_back(Lz4::coder const& by, std::string_view form, std::string_view value)
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
    for (int level : {-65'537, -10, -1, 0, 1, 2, 3, 9, 12}) {
        auto const by = coder(level);
        for (std::size_t size : {1u, 2u, 63u, 64u, 1000u, 65'536u, 300'000u}) {
            for (std::string const& value : {samples::text(size), samples::noise(size), std::string(size, '\0')}) {
                BOOST_TEST(comes_back(by, compressed(by, value), value), "level " << level << ", size " << size);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(levels_differ)
{
    std::string const value = samples::text(20'000);
    BOOST_TEST(compressed(coder(9), value).size() < compressed(coder(0), value).size());
    BOOST_TEST(compressed(coder(0), value).size() < compressed(coder(-50), value).size());
}

BOOST_AUTO_TEST_CASE(too_little_room_is_no_failure)
{
    for (int level : {0, 9}) {
        auto const by = coder(level);
        std::string const value = samples::text(10'000);
        std::size_t const needed = compressed(by, value).size();
        std::string out(needed, '\0');
        for (std::size_t room : {std::size_t{0}, std::size_t{1}, needed / 2, needed - 1}) {
            BOOST_TEST(by.compress(value, std::span{out}.first(room)) == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_the_whole_is_decompressed)
{
    auto const by = coder();
    std::string const value = samples::text(1000);
    std::string const form = compressed(by, value);
    for (std::size_t wrong : {0u, 1u, 999u, 1001u, 100'000u}) {
        std::string out(wrong, '\0');
        BOOST_TEST(!by.decompress(form, out), "length " << wrong);
    }
    for (std::size_t left = 0; left < form.size(); ++left) {
        BOOST_TEST(!comes_back(by, std::string_view{form}.substr(0, left), value));
    }
    BOOST_TEST(!comes_back(by, form + '\0', value));
    BOOST_TEST(!comes_back(by, form + form, value + value));
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
        std::string out(1000, '\0');
        static_cast<void>(by.decompress(samples::noise(i % 50, i), out));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_longer_than_most)
{
    for (std::size_t size : {1u, 1000u, 131'072u, 10'000'000u}) {
        for (int level : {0, 12}) {
            BOOST_TEST(Lz4::most(compressed(coder(level), std::string(size, 'x')).size()) >= size);
        }
    }
    BOOST_TEST(Lz4::most(20) <= 20u * 255);
    BOOST_TEST(Lz4::most(SIZE_MAX) > 1u << 30);
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    using std::invalid_argument;
    BOOST_CHECK_EXCEPTION(coder(13), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(coder(-65'538), invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(coder(0, "a dictionary"), invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(coder(0, {}, {"a dictionary"}), invalid_argument, says("Compress.retired: "));
}
