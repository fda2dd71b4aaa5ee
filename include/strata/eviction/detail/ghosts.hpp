#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

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
        zeroed_array<bucket> table{buckets + buckets / 4};
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
        auto* place = &line.place[0];
        for (auto& p : line.place) {
            if (!alive(p)) p.mark = 0; // before its time comes round again
            if (p.mark == 0 || (place->mark != 0 && age_of(p.time) > age_of(place->time))) place = &p;
        }
        if (alive(*place)) forget(*place);
        *place = {mark_of(hash), time_};
        ++count_at(time_);
        ++size_;
        while (size_ > limit && horizon_ != time_) forget_oldest_tick();
    }

    /// Forgets `hash`, and tells whether it was remembered.
    bool take(std::uint64_t hash) noexcept
    {
        if (size_ == 0) return false;
        auto const mark = mark_of(hash);
        for (auto& place : line_of(hash).place) {
            if (place.mark == mark && alive(place)) {
                forget(place);
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
    static constexpr std::size_t places = 16;
    static constexpr std::size_t life = 1024; ///< Ticks in which as many hashes come as are kept.

    struct entry {
        std::uint16_t mark; ///< 0: none.
        std::uint16_t time;
    };
    struct alignas(64) bucket {
        entry place[places];
    };

    [[nodiscard]] bucket& line_of(std::uint64_t hash) noexcept
    {
        return table_[static_cast<std::size_t>((hash >> 32) * table_.size() >> 32)];
    }
    [[nodiscard]] static std::uint16_t mark_of(std::uint64_t hash) noexcept
    {
        return static_cast<std::uint16_t>(hash | 1);
    }
    [[nodiscard]] std::size_t age_of(std::uint16_t time) const noexcept
    {
        return static_cast<std::uint16_t>(time_ - time);
    }
    [[nodiscard]] bool alive(entry const& e) const noexcept { return e.mark != 0 && age_of(e.time) <= age_of(horizon_); }

    [[nodiscard]] std::uint32_t& count_at(std::uint16_t time) noexcept { return living_[time & (living_.size() - 1)]; }

    void forget(entry& e) noexcept
    {
        --count_at(e.time);
        --size_;
        e.mark = 0;
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
