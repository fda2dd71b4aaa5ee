#pragma once

#include <strata/eviction/detail/slot_queues.hpp>

namespace strata {

/// Evicts the entry that has been there longest, used or not. A hit writes nothing.
///
/// Four bytes an entry. For values that age in step (the newest prices, the last sessions), and as the baseline of the
/// FIFO family (Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966,
/// compares it with the optimum; a larger one may miss more: Belady, Nelson and Shedler, "An anomaly in space-time
/// characteristics of certain programs running in a paging machine", CACM 12(6), 1969).
/// Not where some keys are much more popular than others: they go as often as the rest.
struct Fifo {
    class order {
    public:
        static constexpr bool shared_hits = true;
        static constexpr bool sparing = true;

        void reserve(std::size_t slots) { queue_.reserve(slots); }
        void inserted(slot_number slot, std::uint64_t) noexcept { queue_.push(0, slot); }
        void used(slot_number, std::uint64_t) noexcept {}
        void removed(slot_number slot) noexcept { queue_.remove(slot); }
        [[nodiscard]] slot_number evict(auto const&) noexcept { return queue_.pop(0); }
        template <class F> void give_back(F&& f) { queue_.give_back(f); }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return queue_.memory(); }

        template <class F> void for_each(F&& f) const { queue_.for_each(0, f); }

    private:
        detail::slot_queues<1> queue_;
    };
};

} // namespace strata
