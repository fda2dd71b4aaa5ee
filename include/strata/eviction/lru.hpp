#pragma once

#include <cstdint>
#include <vector>

namespace strata {

/// Evicts the entry that was used longest ago, exactly. Each hit moves the entry to the front of a list, so a hit writes.
/// Not for scans that are larger than the cache: they flush it.
struct Lru {
    /// The list, linked through the slots of the store.
    class order {
    public:
        static constexpr std::uint32_t none = UINT32_MAX;

        void inserted(std::uint32_t slot)
        {
            if (slot >= links_.size()) links_.resize(slot + std::size_t{1});
            push_front(slot);
        }
        void used(std::uint32_t slot) noexcept
        {
            if (slot == first_) return;
            unlink(slot);
            push_front(slot);
        }
        void removed(std::uint32_t slot) noexcept { unlink(slot); }

        /// The slot to evict. Only where there is one.
        [[nodiscard]] std::uint32_t victim() const noexcept { return last_; }

        void clear() noexcept { first_ = last_ = none; }

    private:
        struct link {
            std::uint32_t before = none;
            std::uint32_t after = none;
        };

        void push_front(std::uint32_t slot) noexcept
        {
            links_[slot] = {none, first_};
            (first_ == none ? last_ : links_[first_].before) = slot;
            first_ = slot;
        }
        void unlink(std::uint32_t slot) noexcept
        {
            auto const [before, after] = links_[slot];
            (before == none ? first_ : links_[before].after) = after;
            (after == none ? last_ : links_[after].before) = before;
        }

        std::vector<link> links_;
        std::uint32_t first_ = none;
        std::uint32_t last_ = none;
    };
};

} // namespace strata
