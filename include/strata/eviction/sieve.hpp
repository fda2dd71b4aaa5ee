#pragma once

#include <strata/eviction/detail/slot_bits.hpp>
#include <strata/eviction/detail/slot_queues.hpp>

#include <boost/config.hpp>

namespace strata {

/// A queue in order of insertion and a hand that walks it from old to new: it spares each entry that was used since it
/// last came by, and evicts the first that was not. A hit sets one bit, and nothing where that is set.
///
/// Zhang et al., "SIEVE is Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web Caches", NSDI 2024.
/// Not for block or database traces with loops and scans, and not for very small caches: new entries in front of the
/// hand push each other out.
struct Sieve {
    class order {
    public:
        static constexpr bool shared_hits = true;
        static constexpr bool sparing = true;

        void reserve(std::size_t slots)
        {
            queues_.reserve(slots);
            used_.reserve(slots);
        }
        void inserted(slot_number slot, std::uint64_t) noexcept
        {
            queues_.push(ahead, slot);
            used_.reset(slot);
        }
        void used(slot_number slot, std::uint64_t) noexcept { used_.set(slot); }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { used_.prefetch(slot); }
        void removed(slot_number slot) noexcept
        {
            queues_.remove(slot);
            turn_at_end();
        }
        [[nodiscard]] slot_number evict(auto const&) noexcept
        {
            for (;;) {
                auto const slot = queues_.pop(ahead);
                bool const spared = used_.get(slot);
                if (spared) {
                    used_.reset(slot);
                    queues_.push(passed, slot);
                }
                turn_at_end();
                if (!spared) return slot;
            }
        }
        template <class F> void give_back(F&& f) { queues_.give_back(f); }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return queues_.memory() + used_.memory(); }

        template <class F> void for_each(F&& f) const
        {
            queues_.for_each(passed, f);
            queues_.for_each(ahead, f);
        }

    private:
        // The hand stands between two parts of the queue: what it has passed is older than what lies ahead of it.
        static constexpr std::size_t passed = 0;
        static constexpr std::size_t ahead = 1;

        /// The hand has come to the newest, and goes on with the oldest.
        void turn_at_end() noexcept
        {
            if (queues_.empty(ahead)) [[unlikely]] queues_.swap(passed, ahead);
        }

        detail::slot_queues<2> queues_;
        detail::slot_bits used_;
    };
};

} // namespace strata
