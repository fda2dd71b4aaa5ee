#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// Which keys went lately: a set of hashes of bounded size that forgets in the order in which they came. Each is a
/// 16-bit fingerprint with a 16-bit time in one of the 16 places of a cache line, so of keys that never went one in
/// some thousands is taken for one that did, and of those that went a few in a thousand are forgotten early. Times are
/// exact up to 1024 hashes and rounded to a 1024th of the size beyond. About six and a half bytes for each hash.
class ghosts {
public:
    /// Makes room for `count` hashes. Room that has grown starts empty.
    void reserve(std::size_t count)
    {
        auto const buckets = count * 8 / (places * 5) + 1; // five eighths full
        if (buckets <= table_.size()) return;
        auto const ticks = std::bit_ceil(4 * std::min(count, life) + 4);
        zeroed_array<bucket> table{table_.size() == 0 ? buckets : buckets + buckets / 4};
        living_ = zeroed_array<std::uint32_t>{ticks};
        table_ = std::move(table);
        time_ = horizon_ = 0;
        size_ = since_tick_ = 0;
    }

    /// Remembers `hash` as the newest of `limit` to be kept.
    void insert(std::uint64_t hash, std::size_t limit) noexcept
    {
        if (table_.size() == 0 || limit == 0) return;
        if (++since_tick_ > limit / life) {
            since_tick_ = 0;
            ++time_;
            if (age_of(horizon_) >= living_.size()) forget_oldest_tick();
        }
        auto& line = line_of(hash);
        auto const alive = line.keep(time_, age_of(horizon_));
        unsigned place = 0;
        if (auto const free = ~alive & all_places; free != 0) {
            place = static_cast<unsigned>(std::countr_zero(free));
        } else {
            for (unsigned i = 1; i < places; ++i) {
                if (age_of(line.times[i]) > age_of(line.times[place])) place = i;
            }
            forget(line, place);
        }
        line.marks[place] = mark_of(hash);
        line.times[place] = time_;
        ++count_at(time_);
        ++size_;
        while (size_ > limit && horizon_ != time_) forget_oldest_tick();
    }

    BOOST_FORCEINLINE void prefetch(std::uint64_t hash) const noexcept
    {
        __builtin_prefetch(table_.data() + number_of(hash));
    }

    /// Forgets `hash`, and tells whether it was remembered.
    bool take(std::uint64_t hash) noexcept
    {
        if (size_ == 0) return false;
        auto& line = line_of(hash);
        for (unsigned found = line.match(mark_of(hash)); found != 0; found &= found - 1) {
            auto const place = static_cast<unsigned>(std::countr_zero(found));
            if (age_of(line.times[place]) <= age_of(horizon_)) {
                forget(line, place);
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept
    {
        return table_.memory() + living_.memory();
    }

private:
    static constexpr unsigned places = 16;
    static constexpr std::size_t life = 1024; ///< Ticks in which as many hashes come as are kept.

    static constexpr unsigned all_places = (1u << places) - 1;

    struct alignas(64) bucket {
        std::uint16_t marks[places]; ///< 0: none.
        std::uint16_t times[places];

        /// One bit for each place with this mark.
        [[nodiscard]] unsigned match(std::uint16_t mark) const noexcept
        {
#if defined(__SSE2__)
            auto const wanted = _mm_set1_epi16(static_cast<short>(mark));
            auto const* const all = reinterpret_cast<__m128i const*>(marks);
            auto const low = _mm_cmpeq_epi16(_mm_load_si128(all), wanted);
            auto const high = _mm_cmpeq_epi16(_mm_load_si128(all + 1), wanted);
            return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
            unsigned bits = 0;
            for (unsigned i = 0; i < places; ++i) bits |= static_cast<unsigned>(marks[i] == mark) << i;
            return bits;
#endif
        }

        /// Empties the places that are older than `most_age`, before their times come round again, and returns one bit
        /// for each of the others that holds a mark.
        unsigned keep(std::uint16_t now, std::size_t most_age) noexcept
        {
#if defined(__SSE2__)
            auto const clock = _mm_set1_epi16(static_cast<short>(now));
            auto const limit = _mm_set1_epi16(static_cast<short>(most_age));
            for (unsigned i = 0; i < places; i += 8) {
                auto* const at = reinterpret_cast<__m128i*>(marks + i);
                auto const age = _mm_sub_epi16(clock, _mm_load_si128(reinterpret_cast<__m128i const*>(times + i)));
                auto const young = _mm_cmpeq_epi16(_mm_subs_epu16(age, limit), _mm_setzero_si128());
                _mm_store_si128(at, _mm_and_si128(_mm_load_si128(at), young));
            }
#else
            for (unsigned i = 0; i < places; ++i) {
                if (static_cast<std::uint16_t>(now - times[i]) > most_age) marks[i] = 0;
            }
#endif
            return ~match(0) & all_places;
        }
    };

    [[nodiscard]] std::size_t number_of(std::uint64_t hash) const noexcept
    {
        return static_cast<std::size_t>((hash >> 32) * table_.size() >> 32);
    }
    [[nodiscard]] bucket& line_of(std::uint64_t hash) noexcept { return table_[number_of(hash)]; }
    [[nodiscard]] static std::uint16_t mark_of(std::uint64_t hash) noexcept
    {
        return static_cast<std::uint16_t>(hash | 1);
    }
    [[nodiscard]] std::size_t age_of(std::uint16_t time) const noexcept
    {
        return static_cast<std::uint16_t>(time_ - time);
    }
    [[nodiscard]] std::uint32_t& count_at(std::uint16_t time) noexcept { return living_[time & (living_.size() - 1)]; }

    void forget(bucket& line, unsigned place) noexcept
    {
        --count_at(line.times[place]);
        --size_;
        line.marks[place] = 0;
    }
    void forget_oldest_tick() noexcept
    {
        size_ -= count_at(horizon_);
        count_at(horizon_) = 0;
        ++horizon_;
    }

    zeroed_array<bucket> table_;
    zeroed_array<std::uint32_t> living_; ///< Hashes remembered of each tick since the horizon.
    std::size_t size_ = 0;
    std::size_t since_tick_ = 0;
    std::uint16_t time_ = 0;
    std::uint16_t horizon_ = 0; ///< The oldest time of which hashes are remembered.
};

} // namespace strata::detail
