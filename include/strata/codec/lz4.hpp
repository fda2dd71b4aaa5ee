#pragma once

#include <strata/codec/codec.hpp>
#include <strata/core/key.hpp>

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

namespace strata {

/// LZ4's block format: the fastest to compress and to decompress, with the smaller gain. It takes no dictionary.
///
/// Levels are those of LZ4's own tools: below 3 the fast compressor, which a negative level makes faster still (down to
/// -65537); 3 to 12 the thorough one, which keeps 256 KiB for each thread that compresses.
struct Lz4 {
    static constexpr fixed_string name{"Lz4"};
    static constexpr unsigned char id = 2;
    static constexpr int default_level = 0;

    /// A byte that lengthens a match stands for 255 at most, and no other stands for more.
    [[nodiscard]] static constexpr std::size_t most(std::size_t size) noexcept
    {
        constexpr std::size_t limit = std::numeric_limits<std::size_t>::max() / 255;
        return std::min(size, limit) * 255;
    }

    class coder {
    public:
        explicit coder(codec_settings const& settings) : level_{settings.level}
        {
            if (level_ > LZ4HC_CLEVEL_MAX || level_ < least_level) {
                throw std::invalid_argument{"Compress.level: Lz4 has levels from -65537 to 12"};
            }
            if (!settings.dictionary.empty()) throw std::invalid_argument{"Compress.dictionary: Lz4 takes none"};
            if (!settings.retired.empty()) throw std::invalid_argument{"Compress.retired: Lz4 takes no dictionary"};
        }

        [[nodiscard]] std::size_t compress(std::string_view in, std::span<char> out) const
        {
            if (in.size() > LZ4_MAX_INPUT_SIZE) return 0;
            int const size = static_cast<int>(in.size());
            int const room = static_cast<int>(std::min<std::size_t>(out.size(), LZ4_MAX_INPUT_SIZE));
            int made;
            if (level_ < LZ4HC_CLEVEL_MIN) {
                made = LZ4_compress_fast(in.data(), out.data(), size, room, 1 - std::min(level_, 0));
            } else {
                made = LZ4_compress_HC_extStateHC(thorough_state(), in.data(), out.data(), size, room, level_);
            }
            return static_cast<std::size_t>(std::max(made, 0));
        }

        [[nodiscard]] bool decompress(std::string_view in, std::span<char> out) const
        {
            constexpr std::size_t limit = std::numeric_limits<int>::max();
            if (in.size() > limit || out.size() > limit) return false;
            int const size = static_cast<int>(out.size());
            return LZ4_decompress_safe(in.data(), out.data(), static_cast<int>(in.size()), size) == size;
        }

    private:
        static constexpr int least_level = -65537;

        /// The fast compressor has its state on the stack.
        [[nodiscard]] static LZ4_streamHC_t* thorough_state()
        {
            thread_local std::unique_ptr<LZ4_streamHC_t> const state{new LZ4_streamHC_t};
            return state.get();
        }

        int level_;
    };
};

} // namespace strata
