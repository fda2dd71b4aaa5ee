#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// How often keys were asked for lately: a count-min sketch of 4-bit counters, four for each hash, all in one block of
/// 64 bytes. When ten uses for each entry have been counted, all counters are halved (the reset of TinyLFU), a block
/// with each further use, so there is no pause.
class frequency_sketch {
public:
    static constexpr unsigned most = 15;

    /// Makes room for `entries`. A sketch that has grown starts empty.
    void reserve(std::size_t entries)
    {
        auto const blocks = std::bit_ceil(entries / entries_of_block + 1);
        if (blocks <= blocks_.size()) return;
        blocks_ = zeroed_array<block>{blocks};
        uses_ = 0;
        halved_ = blocks;
    }

    void increment(std::uint64_t hash) noexcept
    {
        if (blocks_.size() == 0) return;
        auto& words = block_of(hash).words;
        bool counted = false;
        for (unsigned row = 0; row < 4; ++row) {
            auto& word = words[word_of(hash, row)];
            auto const shift = shift_of(hash, row);
            if ((word >> shift & most) < most) {
                word += std::uint64_t{1} << shift;
                counted = true;
            }
        }
        if (halved_ < blocks_.size()) halve(blocks_[halved_++]);
        if (counted && ++uses_ >= 10 * entries_of_block * blocks_.size()) {
            uses_ /= 2;
            halved_ = 0;
        }
    }

    [[nodiscard]] unsigned estimate(std::uint64_t hash) const noexcept
    {
        if (blocks_.size() == 0) return 0;
        auto const& words = block_of(hash).words;
        unsigned least = most;
        for (unsigned row = 0; row < 4; ++row) {
            least = std::min(least, static_cast<unsigned>(words[word_of(hash, row)] >> shift_of(hash, row) & most));
        }
        return least;
    }

    [[nodiscard]] std::size_t memory() const noexcept { return blocks_.memory(); }

private:
    static constexpr std::size_t entries_of_block = 8; // 16 counters for each entry

    struct alignas(64) block {
        std::array<std::uint64_t, 8> words;
    };

    [[nodiscard]] block& block_of(std::uint64_t hash) noexcept { return blocks_[hash & (blocks_.size() - 1)]; }
    [[nodiscard]] block const& block_of(std::uint64_t hash) const noexcept
    {
        return blocks_[hash & (blocks_.size() - 1)];
    }
    /// Each row has two of the eight words: one bit of the hash chooses between them, four the counter in it.
    [[nodiscard]] static unsigned word_of(std::uint64_t hash, unsigned row) noexcept
    {
        return row * 2 + static_cast<unsigned>(hash >> (32 + row * 5) & 1);
    }
    [[nodiscard]] static unsigned shift_of(std::uint64_t hash, unsigned row) noexcept
    {
        return static_cast<unsigned>(hash >> (33 + row * 5) & 15) * 4;
    }
    static void halve(block& b) noexcept
    {
        for (auto& word : b.words) word = word >> 1 & 0x7777777777777777u;
    }

    zeroed_array<block> blocks_;
    std::size_t uses_ = 0;
    std::size_t halved_ = 0; ///< Blocks before this one have been halved.
};

} // namespace strata::detail
