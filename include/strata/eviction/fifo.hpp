#pragma once

#include <strata/eviction/detail/slot_list.hpp>

namespace strata {

/// Evicts the entry that has been there longest, used or not. A hit writes nothing.
///
/// For values that age in step (the newest prices, the last sessions), and as the baseline of the FIFO family.
/// Not where some keys are much more popular than others: they go as often as the rest.
struct Fifo {
    class order {
    public:
        static constexpr bool shared_hits = true;

        void reserve(std::size_t slots) { links_.reserve(slots); }
        void inserted(slot_number slot, std::uint64_t) noexcept { list_.push_newest(links_, slot); }
        void used(slot_number, std::uint64_t) noexcept {}
        void removed(slot_number slot) noexcept { list_.unlink(links_, slot); }
        [[nodiscard]] slot_number evict(auto const&) noexcept { return list_.pop_oldest(links_); }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return links_.memory(); }

        template <class F> void for_each(F&& f) const { list_.for_each(links_, f); }

    private:
        detail::slot_links links_;
        detail::slot_list list_;
    };
};

} // namespace strata
