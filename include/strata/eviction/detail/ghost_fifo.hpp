#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// Which keys went last: a set of hashes of bounded size that forgets the one that came first, of those still there.
///
/// A hash leaves a mark of 20 bits in one of two buckets, a cache line each; where both are full a mark moves to the
/// other one of its own (Fan, Andersen, Kaminsky and Mitzenmacher, "Cuckoo Filter: Practically Better Than Bloom",
/// CoNEXT 2014). Beside the mark stands the number of a generation, which is one hash where the set is small, and a
/// thousandth of a large one. The oldest generation is forgotten as a whole: it is known how many marks it has, and a
/// sweep wipes them out. So the order is exact but for a thousandth, unless nearly all are taken out before their time:
/// a hash is forgotten when three and a half times as many have come after it, however few of those are left. Of keys
/// that never went one in thirty thousand is taken for one that did. Four bytes and a half for each hash.
class ghost_fifo {
public:
    /// Makes room for `count` hashes. Room that has grown starts empty.
    void reserve(std::size_t count)
    {
        auto const buckets = (2 * count + 2 * filled) / (2 * filled + 1);
        if (buckets <= buckets_.size() + buckets_.size() / 4) [[likely]] return;
        generation_sizes sizes{std::clamp<std::size_t>(std::bit_ceil(4 * count), 64, numbers), hashes_of(count)};
        buckets_ = zeroed_array<bucket>{buckets};
        sizes_ = std::move(sizes);
        size_ = 0;
        asked_ = 0;
        limit_ = 0;
        swept_ = 0;
        oldest_ = 0;
        newest_ = 0;
    }

    /// How many hashes are remembered from now on. Where that is far less than there is room for, generations are
    /// larger: the sweep has as many buckets as before to come by.
    void keep(std::size_t limit) noexcept
    {
        if (limit == asked_) [[likely]] return;
        asked_ = limit;
        limit_ = std::min(limit, buckets_.size() * (places - 1));
        // The sweep comes by all buckets while as many generations begin as there are numbers that none has.
        auto const spare = numbers - most_generations() - 1;
        auto const least = buckets_.size() / (spare * most_steps);
        generation_ = std::min(std::max(hashes_of(limit_), least), sizes_.most());
        auto const insertions = spare * generation_;
        steps_ = (buckets_.size() + insertions - 1) / insertions;
    }

    /// Remembers `hash` as the newest.
    void insert(std::uint64_t hash) noexcept
    {
        if (limit_ == 0) return;
        for (std::size_t i = 0; i < steps_; ++i) sweep();
        auto const mark = mark_of(hash);
        auto const home = home_of(hash);
        auto* const place = place_in(home, other_of(home, mark));
        if (sizes_[newest_] >= generation_) begin_generation();
        *place = newest_ | mark;
        sizes_.add(newest_, 1);
        ++size_;
        forget();
    }

    BOOST_FORCEINLINE void prefetch(std::uint64_t hash) const noexcept
    {
        if (limit_ == 0) return;
        auto const home = home_of(hash);
        __builtin_prefetch(&buckets_[home]);
        __builtin_prefetch(&buckets_[other_of(home, mark_of(hash))]);
    }

    /// Forgets `hash`, and tells whether it was remembered.
    bool take(std::uint64_t hash) noexcept
    {
        if (limit_ == 0) return false;
        auto const mark = mark_of(hash);
        auto const home = home_of(hash);
        return take_from(home, mark) || take_from(other_of(home, mark), mark);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept { return buckets_.memory() + sizes_.memory(); }

private:
    // The number of a generation stands above a mark; where it is alone, the bits of the mark are zero.
    static constexpr unsigned mark_bits = 20;
    static constexpr std::uint32_t marks = (std::uint32_t{1} << mark_bits) - 1;
    static constexpr std::size_t numbers = std::size_t{1} << (32 - mark_bits);
    static constexpr unsigned places = 16; ///< In a bucket.
    static constexpr unsigned filled = 14; ///< Of them, and a half.
    static constexpr std::size_t most_steps = 16; ///< Of the sweep, for each insertion, about.

    /// Whether the generation of a word is among those from `oldest` to `newest`. Numbers come again.
    [[nodiscard]] static bool remembers(std::uint32_t word, std::uint32_t oldest, std::uint32_t newest) noexcept
    {
        return word - oldest <= ((newest - oldest) | marks);
    }

    struct alignas(64) bucket {
        std::uint32_t words[places]; ///< Generation and mark; 0: none.

        /// One bit for each place with this mark.
        [[nodiscard]] std::uint32_t match(std::uint32_t mark) const noexcept
        {
#if defined(__SSE2__)
            auto const wanted = _mm_set1_epi32(static_cast<int>(mark));
            auto const all_marks = _mm_set1_epi32(static_cast<int>(marks));
            auto const* const all = reinterpret_cast<__m128i const*>(words);
            auto const same = [&](std::size_t i) {
                return _mm_cmpeq_epi32(_mm_and_si128(_mm_load_si128(all + i), all_marks), wanted);
            };
            auto const low = _mm_packs_epi32(same(0), same(1));
            auto const high = _mm_packs_epi32(same(2), same(3));
            return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
            std::uint32_t bits = 0;
            for (unsigned i = 0; i < places; ++i) bits |= static_cast<std::uint32_t>((words[i] & marks) == mark) << i;
            return bits;
#endif
        }
        /// Empties the places of all other generations than those from `oldest` to `newest`.
        void wipe(std::uint32_t oldest, std::uint32_t newest) noexcept
        {
#if defined(__SSE2__)
            auto* const all = reinterpret_cast<__m128i*>(words);
            // Compared as signed ones: the oldest becomes the least of those.
            constexpr auto sign = std::uint32_t{1} << 31;
            auto const least = _mm_set1_epi32(static_cast<int>(oldest + sign));
            auto const most = _mm_set1_epi32(static_cast<int>((newest - oldest + sign) | marks));
            auto const wipe_four = [&](std::size_t i) {
                auto const four = _mm_load_si128(all + i);
                _mm_store_si128(all + i, _mm_andnot_si128(_mm_cmpgt_epi32(_mm_sub_epi32(four, least), most), four));
            };
            wipe_four(0);
            wipe_four(1);
            wipe_four(2);
            wipe_four(3);
#else
            for (auto& word : words) word = remembers(word, oldest, newest) ? word : 0;
#endif
        }
        [[nodiscard]] std::uint32_t empty() const noexcept { return match(0); }
        [[nodiscard]] std::uint32_t* first_of(std::uint32_t found) noexcept { return words + std::countr_zero(found); }
    };

    /// How many marks each generation has, in as many bits as that may take.
    class generation_sizes {
    public:
        generation_sizes() noexcept = default;
        generation_sizes(std::size_t generations, std::size_t most)
            : log_bits_{static_cast<unsigned>(std::bit_width(static_cast<unsigned>(std::bit_width(most)) - 1))}
            , last_{generations - 1}
            , words_{(generations << log_bits_) / 64}
        {
        }
        /// The generation of a word.
        [[nodiscard]] std::size_t operator[](std::uint32_t word) const noexcept
        {
            auto const bit = bit_of(word);
            return static_cast<std::size_t>(words_[bit / 64] >> bit % 64 & most());
        }
        void add(std::uint32_t word, std::int64_t difference) noexcept
        {
            auto const bit = bit_of(word);
            words_[bit / 64] += static_cast<std::uint64_t>(difference) << bit % 64;
        }
        [[nodiscard]] std::size_t count() const noexcept { return last_ + 1; }
        [[nodiscard]] std::size_t most() const noexcept { return (std::size_t{1} << (1u << log_bits_)) - 1; }
        [[nodiscard]] std::size_t memory() const noexcept { return words_.memory(); }

    private:
        [[nodiscard]] std::size_t bit_of(std::uint32_t word) const noexcept
        {
            return (word >> mark_bits & last_) << log_bits_;
        }

        unsigned log_bits_ = 0;
        std::size_t last_ = 0; ///< There is a power of two of them.
        zeroed_array<std::uint64_t> words_;
    };

    [[nodiscard]] static std::uint32_t mark_of(std::uint64_t hash) noexcept
    {
        auto const mark = static_cast<std::uint32_t>(hash) & marks;
        return mark + (mark == 0 ? 1 : 0);
    }
    [[nodiscard]] std::size_t home_of(std::uint64_t hash) const noexcept
    {
        return static_cast<std::size_t>((hash >> 32) * buckets_.size() >> 32);
    }
    /// The other bucket of a mark, of whichever of the two.
    [[nodiscard]] std::size_t other_of(std::size_t at, std::uint32_t mark) const noexcept
    {
        auto const both = static_cast<std::size_t>(std::uint64_t{mark * 0x9E3779B1u} * buckets_.size() >> 32);
        return both >= at ? both - at : both + buckets_.size() - at;
    }

    [[nodiscard]] std::size_t generations() const noexcept { return ((newest_ - oldest_) >> mark_bits) + 1; }
    /// One in eight is not in use at any time, so that the sweep can come by before its number comes again.
    [[nodiscard]] std::size_t most_generations() const noexcept { return sizes_.count() / 8 * 7; }
    [[nodiscard]] static std::size_t hashes_of(std::size_t limit) noexcept
    {
        return std::clamp<std::size_t>(limit >> 10, 1, UINT16_MAX);
    }

    [[nodiscard]] bool take_from(std::size_t at, std::uint32_t mark) noexcept
    {
        for (auto found = buckets_[at].match(mark); found != 0; found &= found - 1) {
            auto& word = *buckets_[at].first_of(found);
            if (!remembers(word, oldest_, newest_)) continue;
            sizes_.add(word, -1);
            --size_;
            word = 0;
            return true;
        }
        return false;
    }

    [[nodiscard]] std::uint32_t* place_in(std::size_t home, std::size_t other) noexcept
    {
        // Places are filled from the first one on: the bucket whose first empty one comes first is mostly less full.
        auto const here = buckets_[home].empty() | 1u << places;
        auto const there = buckets_[other].empty() | 1u << places;
        bool const first = std::countr_zero(here) <= std::countr_zero(there);
        auto const empty = (first ? here : there) & ((1u << places) - 1);
        if (empty == 0) [[unlikely]] return make_place(home, other);
        return buckets_[first ? home : other].first_of(empty);
    }
    BOOST_NOINLINE std::uint32_t* make_place(std::size_t home, std::size_t other) noexcept
    {
        for (auto const at : {home, other}) {
            if (auto const empty = wipe(at); empty != 0) return buckets_[at].first_of(empty);
        }
        for (auto& word : buckets_[home].words) {
            auto const to = other_of(home, word & marks);
            if (auto const empty = wipe(to); empty != 0) {
                *buckets_[to].first_of(empty) = word;
                return &word;
            }
        }
        auto& words = buckets_[home].words;
        auto* const first =
            std::min_element(words, words + places, [&](auto a, auto b) { return a - oldest_ < b - oldest_; });
        sizes_.add(*first, -1);
        --size_;
        return first;
    }

    void begin_generation() noexcept
    {
        newest_ += marks + 1;
        while (generations() > most_generations()) [[unlikely]] forget_oldest();
    }
    void forget() noexcept
    {
        // A generation goes when half of it is beyond the limit, which is kept to in the mean.
        while (oldest_ != newest_ && size_ - sizes_[oldest_] / 2 > limit_) forget_oldest();
    }
    void forget_oldest() noexcept
    {
        auto const gone = sizes_[oldest_];
        sizes_.add(oldest_, -static_cast<std::int64_t>(gone));
        size_ -= gone;
        oldest_ += marks + 1;
    }

    /// Wipes out the marks of a bucket that have been forgotten, and returns the places that are empty.
    [[nodiscard]] std::uint32_t wipe(std::size_t at) noexcept
    {
        buckets_[at].wipe(oldest_, newest_);
        return buckets_[at].empty();
    }
    void sweep() noexcept
    {
        buckets_[swept_].wipe(oldest_, newest_);
        if (++swept_ == buckets_.size()) swept_ = 0;
    }

    zeroed_array<bucket> buckets_;
    generation_sizes sizes_;
    std::size_t size_ = 0;
    std::size_t asked_ = 0;
    std::size_t limit_ = 0;
    std::size_t steps_ = 0; ///< Of the sweep, for each insertion.
    std::size_t swept_ = 0; ///< Where it is.
    std::size_t generation_ = 1; ///< Hashes in each.
    std::uint32_t oldest_ = 0;
    std::uint32_t newest_ = 0;
};

} // namespace strata::detail
