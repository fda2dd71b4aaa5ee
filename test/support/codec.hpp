#pragma once

#include "samples.hpp"

#include <strata/codec/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What holds for every codec of `Compress`.
namespace test {

template <strata::codec Codec> struct coding {
    using coder_type = typename Codec::coder;

    static coder_type coder(int level = Codec::default_level, std::string dictionary = {},
                            std::vector<std::string> retired = {})
    {
        return coder_type{strata::codec_settings{level, std::move(dictionary), std::move(retired)}};
    }

    static std::string compressed(coder_type const& by, std::string_view in)
    {
        std::string out(2 * in.size() + 1024, '\0');
        out.resize(by.compress(in, out));
        return out;
    }

    static bool comes_back(coder_type const& by, std::string_view form, std::string_view value)
    {
        std::string out(value.size(), '\0');
        return by.decompress(form, out) && out == value;
    }

    /// Values of many lengths, of text, noise and zeros.
    static void check_round_trips(std::initializer_list<int> levels)
    {
        for (int level : levels) {
            auto const by = coder(level);
            for (std::size_t size : {1u, 2u, 63u, 64u, 1000u, 65'536u, 300'000u}) {
                for (std::string const& value : {samples::text(size), samples::noise(size), std::string(size, '\0')}) {
                    BOOST_TEST(comes_back(by, compressed(by, value), value), "level " << level << ", size " << size);
                }
            }
        }
    }

    /// A form is decompressed to the value's length or not at all, and neither cut nor with anything behind it.
    static void check_only_the_whole()
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

    /// Flipped bits and noise do no harm; a sanitizer sees whether they do.
    static void check_any_bytes()
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

    /// `most` holds for what shrinks more than anything else.
    static void check_most(std::initializer_list<int> levels)
    {
        for (std::size_t size : {1u, 1000u, 131'072u, 131'073u, 10'000'000u}) {
            for (int level : levels) {
                BOOST_TEST(Codec::most(compressed(coder(level), std::string(size, 'x')).size()) >= size);
            }
        }
        BOOST_TEST(Codec::most(SIZE_MAX) > 1u << 30);
    }
};

/// For `BOOST_CHECK_EXCEPTION`: the text begins like this.
inline auto says(std::string_view beginning)
{
    return [beginning](std::invalid_argument const& thrown) {
        return std::string_view{thrown.what()}.starts_with(beginning);
    };
}

} // namespace test
