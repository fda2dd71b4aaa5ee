#pragma once

#include <strata/eviction/detail/slot_list.hpp>

#include <array>
#include <cstdint>

namespace strata {

/// Evicts the entry with the lowest priority, which is its number of uses plus the age of the cache when it came; among
/// equals the one used longest ago. The age is the priority of what went last, so that former favourites lose their
/// lead. Priorities reach up to 255 above the age. Constant time but for the walk of the age over priorities without
/// entries.
///
/// LFU with dynamic ageing: Arlitt, Cherkasova, Dilley, Friedrich and Jin, "Evaluating content management techniques
/// for Web proxy caches", SIGMETRICS Performance Evaluation Review 27(4), 2000. Not for recency-driven loads (sessions,
/// time series): what was popular an hour ago pushes out what is new.
struct Lfu {
    class order {
    public:
        static constexpr bool shared_hits = false;

        void reserve(std::size_t slots)
        {
            links_.reserve(slots);
            priorities_.reserve(slots);
        }
        void inserted(slot_number slot, std::uint64_t) noexcept { push(slot, static_cast<std::uint8_t>(age_ + 1)); }
        void used(slot_number slot, std::uint64_t) noexcept
        {
            auto const priority = priorities_[slot];
            if (static_cast<std::uint8_t>(priority - age_) == most) {
                lists_[priority].make_newest(links_, slot);
            } else {
                lists_[priority].unlink(links_, slot);
                push(slot, static_cast<std::uint8_t>(priority + 1));
            }
        }
        void removed(slot_number slot) noexcept { lists_[priorities_[slot]].unlink(links_, slot); }
        [[nodiscard]] slot_number evict(auto const&) noexcept
        {
            while (lists_[age_].size() == 0) ++age_;
            return lists_[age_].pop_oldest(links_);
        }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return links_.memory() + priorities_.memory(); }

        template <class F> void for_each(F&& f) const
        {
            for (unsigned above = 0; above <= most; ++above) {
                lists_[static_cast<std::uint8_t>(age_ + above)].for_each(links_, f);
            }
        }

    private:
        static constexpr std::uint8_t most = 255;

        void push(slot_number slot, std::uint8_t priority) noexcept
        {
            priorities_[slot] = priority;
            lists_[priority].push_newest(links_, slot);
        }

        detail::slot_links links_;
        detail::slot_array<std::uint8_t> priorities_; ///< Modulo 256, as the age is.
        std::array<detail::slot_list, 256> lists_;    ///< One for each priority, in order of use.
        std::uint8_t age_ = 0;
    };
};

} // namespace strata
