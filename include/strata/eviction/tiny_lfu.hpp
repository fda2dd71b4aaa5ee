#pragma once

#include <strata/eviction/detail/frequency_sketch.hpp>
#include <strata/eviction/detail/slot_list.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace strata {

/// W-TinyLFU. New entries enter a window in order of use. What the window gives up stays only if a sketch of recent
/// frequencies says that it is asked for more often than what the main part would give up: two lists in order of use,
/// one on probation and four fifths protected. The window's share follows the hit rate by hill climbing, between 1 and
/// 80 % of the entries: a fixed small window collapses where recency counts. Each hit writes to a list and the sketch.
///
/// Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 13(4), 2017; the
/// window's size after Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", Middleware 2018. Not
/// for caches of a few hundred entries, nor for loads that only recency drives: there it is far behind Lru until the
/// window has grown, and somewhat behind it then.
struct TinyLfu {
    class order {
    public:
        static constexpr bool shared_hits = false;

        void reserve(std::size_t slots)
        {
            links_.reserve(slots);
            regions_.reserve(slots);
            sketch_.reserve(slots);
        }
        void inserted(slot_number slot, std::uint64_t hash) noexcept
        {
            asked(hash, false);
            move_to(slot, window);
            // While the cache fills there is no contest, and the main part takes all that the window has no room for.
            if (!full_ && size_of(window) > window_share()) move_to(pop(window), probation);
        }
        void used(slot_number slot, std::uint64_t hash) noexcept
        {
            asked(hash, true);
            auto const where = regions_[slot];
            if (where != probation) return lists_[where].make_newest(links_, slot);
            lists_[probation].unlink(links_, slot);
            move_to(slot, protected_);
            if (size_of(protected_) * 5 > (size_of(probation) + size_of(protected_)) * 4) {
                move_to(pop(protected_), probation);
            }
        }
        void removed(slot_number slot) noexcept { lists_[regions_[slot]].unlink(links_, slot); }

        [[nodiscard]] slot_number evict(auto const& hash_of) noexcept
        {
            full_ = true;
            auto const weaker = size_of(probation) > 0 ? probation : protected_;
            if (size_of(weaker) == 0) return pop(window);
            if (size_of(window) == 0 || size_of(window) < window_share()) return pop(weaker);
            auto const candidate = pop(window);
            auto const defender = lists_[weaker].oldest();
            if (sketch_.estimate(hash_of(candidate)) <= sketch_.estimate(hash_of(defender))) return candidate;
            pop(weaker);
            move_to(candidate, probation);
            return defender;
        }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept
        {
            return links_.memory() + regions_.memory() + sketch_.memory();
        }

        template <class F> void for_each(F&& f) const
        {
            for (auto const r : {probation, window, protected_}) lists_[r].for_each(links_, f);
        }

    private:
        enum region : std::uint8_t { window, probation, protected_ };

        static constexpr double least_share = 0.01;
        static constexpr double most_share = 0.8;
        static constexpr double first_step = 0.0625;
        static constexpr double fading = 0.98;
        static constexpr double new_load = 0.05; ///< A change of the hit rate that starts the climb anew.

        [[nodiscard]] std::size_t size_of(region r) const noexcept { return lists_[r].size(); }
        [[nodiscard]] std::size_t entries() const noexcept
        {
            return size_of(window) + size_of(probation) + size_of(protected_);
        }
        [[nodiscard]] std::size_t window_share() const noexcept
        {
            return std::max<std::size_t>(1, static_cast<std::size_t>(share_ * static_cast<double>(entries())));
        }
        slot_number pop(region r) noexcept { return lists_[r].pop_oldest(links_); }
        void move_to(slot_number slot, region r) noexcept
        {
            regions_[slot] = r;
            lists_[r].push_newest(links_, slot);
        }

        void asked(std::uint64_t hash, bool found) noexcept
        {
            sketch_.increment(hash);
            hits_ += found ? 1 : 0;
            if (++asked_ >= 10 * entries() && full_) climb();
        }

        /// Goes on in the direction in which the hit rate rose, and turns where it fell by more than chance explains,
        /// and at both ends, where it starts anew. So it also crosses a stretch over which the hit rate is level.
        void climb() noexcept
        {
            double const rate = static_cast<double>(hits_) / static_cast<double>(asked_);
            double const change = rate - last_rate_;
            double const chance = std::sqrt(rate * (1 - rate) / static_cast<double>(asked_));
            if (change < -chance) step_ = -step_;
            step_ = std::abs(change) >= new_load ? std::copysign(first_step, step_) : step_ * fading;
            share_ = std::clamp(share_ + step_, least_share, most_share);
            if (share_ == least_share) step_ = first_step;
            if (share_ == most_share) step_ = -first_step;
            last_rate_ = rate;
            hits_ = asked_ = 0;
        }

        detail::slot_links links_;
        detail::slot_array<region> regions_;
        detail::slot_list lists_[3];
        detail::frequency_sketch sketch_;
        double share_ = least_share;
        double step_ = first_step;
        double last_rate_ = 0;
        std::size_t hits_ = 0;
        std::size_t asked_ = 0;
        bool full_ = false;
    };
};

} // namespace strata
