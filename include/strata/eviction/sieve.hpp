#pragma once

#include <strata/eviction/detail/slot_list.hpp>
#include <strata/eviction/detail/use_counts.hpp>

#include <boost/config.hpp>

namespace strata {

/// A queue in order of insertion and a hand that walks it from old to new: it spares each entry that was used since it
/// last came by, and evicts the first that was not. A hit sets one bit, and nothing where that is set.
///
/// Zhang et al., "SIEVE is Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web Caches", NSDI 2024.
/// Not for block or database traces with loops and scans, and not for very small caches: new entries in front of the hand
/// push each other out.
struct Sieve {
    class order {
    public:
        static constexpr bool shared_hits = true;

        void reserve(std::size_t slots)
        {
            links_.reserve(slots);
            used_.reserve(slots);
        }
        void inserted(slot_number slot, std::uint64_t) noexcept
        {
            list_.push_newest(links_, slot);
            used_.set(slot, 0);
        }
        void used(slot_number slot, std::uint64_t) noexcept { used_.raise(slot, 1); }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { used_.prefetch(slot); }
        void removed(slot_number slot) noexcept
        {
            if (slot == hand_) hand_ = links_[slot].newer;
            list_.unlink(links_, slot);
        }
        [[nodiscard]] slot_number evict(auto const&) noexcept
        {
            auto slot = hand_ == no_slot ? list_.oldest() : hand_;
            while (used_.get(slot) != 0) {
                used_.set(slot, 0);
                slot = links_[slot].newer;
                if (slot == no_slot) slot = list_.oldest();
            }
            hand_ = links_[slot].newer;
            list_.unlink(links_, slot);
            return slot;
        }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return links_.memory() + used_.memory(); }

        template <class F> void for_each(F&& f) const { list_.for_each(links_, f); }

    private:
        detail::slot_links links_;
        detail::use_counts used_;
        detail::slot_list list_;
        slot_number hand_ = no_slot;
    };
};

} // namespace strata
