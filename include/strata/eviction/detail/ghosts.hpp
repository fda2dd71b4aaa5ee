#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// Which keys went lately, of `Kinds` kinds: of each a set of hashes of bounded size that forgets in the order in which
/// they came. A hash leaves a mark of 16 bits in a bucket of one cache line or two. There the marks of a kind stand
/// from the newest to the oldest, and each new one pushes the last out. So a set that fits in a bucket is exact, and of
/// a larger one a hash is forgotten when as many have come to its bucket as this holds: about when it should be, with a
/// spread of a quarter where the bucket holds 16 of a kind, of an eighth where it holds 64. Of keys that never went one
/// in one or two thousand is taken for one that did. Two bytes for each hash.
template <std::size_t Kinds, std::size_t Lines> class ghosts {
    static_assert((Kinds == 1 || Kinds == 2) && (Lines == 1 || Lines == 2));

public:
    static constexpr std::size_t none = Kinds;

    /// Makes room for about `count` hashes of each kind. Room that has grown starts empty.
    void reserve(std::size_t count)
    {
        auto const buckets = buckets_for(count);
        if (buckets <= buckets_.size() + buckets_.size() / 4) [[likely]] return;
        buckets_ = zeroed_array<bucket>{buckets};
        used_ = buckets;
        sizes_ = {};
        limit_ = 0;
        depth_ = 0;
    }

    /// How many hashes of each kind are remembered from now on. Where that is a small part of what it was, or far more
    /// again, the set starts empty, in as many buckets as that needs.
    void keep(std::size_t limit) noexcept
    {
        if (limit == limit_) [[likely]] return;
        limit_ = limit;
        auto const wanted = std::min(std::max<std::size_t>(buckets_for(limit), 1), buckets_.size());
        if (wanted < used_ / 4 || wanted > used_ + used_ / 4) [[unlikely]] use(wanted);
        depth_ = used_ == 0 ? 0 : std::min((limit + used_ - 1) / used_, places);
    }

    /// Remembers `hash` as the newest of its kind.
    void insert(std::size_t kind, std::uint64_t hash) noexcept
    {
        if (depth_ == 0) return;
        auto* const words = buckets_[number_of(hash)].words + kind * words_of_kind;
        if (push(words, mark_of(hash), std::make_index_sequence<words_of_kind>{}) == 0) ++sizes_[kind];
        if (depth_ != places) [[unlikely]] forget_beyond_depth(words, kind);
    }

    BOOST_FORCEINLINE void prefetch(std::uint64_t hash) const noexcept
    {
        if (depth_ == 0) return;
        auto const* const found = buckets_.data() + number_of(hash);
        __builtin_prefetch(found);
        if constexpr (Lines > 1) __builtin_prefetch(found->words + 8);
    }

    /// Forgets `hash`, and tells of which kind it was; `none` if it was not remembered.
    std::size_t take(std::uint64_t hash) noexcept
    {
        if (depth_ == 0) return none;
        auto& found = buckets_[number_of(hash)];
        auto const bits = found.match(static_cast<std::uint16_t>(mark_of(hash)));
        if (bits == 0) [[likely]] return none;
        auto const place = static_cast<std::size_t>(std::countr_zero(bits));
        auto const kind = place / places;
        close(found.words + kind * words_of_kind, place % places, std::make_index_sequence<words_of_kind>{});
        --sizes_[kind];
        return kind;
    }

    [[nodiscard]] std::size_t size(std::size_t kind) const noexcept { return sizes_[kind]; }
    [[nodiscard]] std::size_t memory() const noexcept { return buckets_.memory(); }

private:
    static constexpr std::size_t places = 32 * Lines / Kinds; ///< Of a kind in a bucket.
    static constexpr std::size_t words_of_kind = places / 4;

    struct alignas(64) bucket {
        std::uint64_t words[8 * Lines]; ///< Of four marks each, the newest lowest; 0: none.

        /// One bit for each place with this mark.
        [[nodiscard]] std::uint64_t match(std::uint16_t mark) const noexcept
        {
            std::uint64_t bits = 0;
#if defined(__SSE2__)
            auto const wanted = _mm_set1_epi16(static_cast<short>(mark));
            auto const* const all = reinterpret_cast<__m128i const*>(words);
            auto const same = [&](std::size_t i) { return _mm_cmpeq_epi16(_mm_load_si128(all + i), wanted); };
            for (std::size_t i = 0; i < 4 * Lines; i += 2) {
                auto const sixteen = _mm_movemask_epi8(_mm_packs_epi16(same(i), same(i + 1)));
                bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(sixteen)) << i * 8;
            }
#else
            for (unsigned i = 0; i < 32 * Lines; ++i) {
                bits |= static_cast<std::uint64_t>(static_cast<std::uint16_t>(words[i / 4] >> i % 4 * 16) == mark) << i;
            }
#endif
            return bits;
        }
    };

    [[nodiscard]] static std::size_t buckets_for(std::size_t count) noexcept { return (count + places - 1) / places; }
    [[nodiscard]] std::size_t number_of(std::uint64_t hash) const noexcept
    {
        return static_cast<std::size_t>((hash >> 32) * used_ >> 32);
    }
    /// Hashes belong to other buckets then.
    BOOST_NOINLINE void use(std::size_t buckets) noexcept
    {
        std::fill_n(buckets_.data(), used_, bucket{});
        used_ = buckets;
        sizes_ = {};
    }
    [[nodiscard]] static std::uint64_t mark_of(std::uint64_t hash) noexcept
    {
        auto const mark = hash & 0xFFFF;
        return mark + (mark == 0 ? 1 : 0);
    }

    /// Makes `mark` the newest, and returns the one that is pushed out. Not a loop, which g++ does not unroll.
    template <std::size_t... I>
    static std::uint64_t push(std::uint64_t* words, std::uint64_t mark, std::index_sequence<I...>) noexcept
    {
        auto const push_one = [&](std::uint64_t& word) {
            auto const before = word;
            word = before << 16 | mark;
            mark = before >> 48;
        };
        (push_one(words[I]), ...);
        return mark;
    }
    /// Takes out the mark at `place`: those that are older move up. In all words alike, since the place cannot be
    /// foreseen.
    template <std::size_t... I>
    static void close(std::uint64_t* words, std::size_t place, std::index_sequence<I...>) noexcept
    {
        auto const close_one = [&](std::size_t i) {
            // Marks of this word that stay.
            auto const before = std::min<std::size_t>(place - std::min(place, i * 4), 4);
            auto const stay = before == 4 ? ~std::uint64_t{0} : (std::uint64_t{1} << before * 16) - 1;
            auto const next = i + 1 < words_of_kind ? words[i + 1] << 48 : 0;
            words[i] = (words[i] & stay) | ((words[i] >> 16 | next) & ~stay);
        };
        (close_one(I), ...);
    }
    void forget_beyond_depth(std::uint64_t* words, std::size_t kind) noexcept
    {
        for (auto place = depth_; place < places; ++place) {
            auto const mark = std::uint64_t{0xFFFF} << place % 4 * 16;
            if ((words[place / 4] & mark) == 0) continue;
            words[place / 4] &= ~mark;
            --sizes_[kind];
        }
    }

    zeroed_array<bucket> buckets_;
    std::size_t used_ = 0; ///< Of them, the first ones; the others are empty.
    std::array<std::size_t, Kinds> sizes_{};
    std::size_t limit_ = 0;
    std::size_t depth_ = 0; ///< Places of each kind in use in a bucket.
};

} // namespace strata::detail
