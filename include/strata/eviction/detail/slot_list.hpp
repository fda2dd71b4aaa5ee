#pragma once

#include <strata/eviction/detail/slot_array.hpp>

#include <cstddef>

namespace strata::detail {

/// The links of doubly linked lists through slots: 8 bytes for each. A slot is in one list at a time.
struct slot_link {
    slot_number newer;
    slot_number older;
};
using slot_links = slot_array<slot_link>;

/// A list through slots, from the newest to the oldest. All in constant time.
class slot_list {
public:
    void push_newest(slot_links& links, slot_number slot) noexcept
    {
        links[slot] = {no_slot, newest_};
        (newest_ == no_slot ? oldest_ : links[newest_].newer) = slot;
        newest_ = slot;
        ++size_;
    }
    void unlink(slot_links& links, slot_number slot) noexcept
    {
        auto const link = links[slot];
        (link.newer == no_slot ? newest_ : links[link.newer].older) = link.older;
        (link.older == no_slot ? oldest_ : links[link.older].newer) = link.newer;
        --size_;
    }
    void make_newest(slot_links& links, slot_number slot) noexcept
    {
        if (slot == newest_) return;
        unlink(links, slot);
        push_newest(links, slot);
    }
    slot_number pop_oldest(slot_links& links) noexcept
    {
        auto const slot = oldest_;
        unlink(links, slot);
        return slot;
    }

    [[nodiscard]] slot_number oldest() const noexcept { return oldest_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `f` with each slot from the oldest on.
    template <class F> void for_each(slot_links const& links, F&& f) const
    {
        for (auto slot = oldest_; slot != no_slot; slot = links[slot].newer) f(slot);
    }

private:
    slot_number newest_ = no_slot;
    slot_number oldest_ = no_slot;
    std::size_t size_ = 0;
};

} // namespace strata::detail
