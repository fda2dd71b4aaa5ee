#pragma once

#include <strata/eviction/detail/slot_list.hpp>

namespace strata {

/// Evicts the entry that was used longest ago, exactly: a list with the entry moved to its front at each hit. So each
/// hit writes, and under `Sharded` takes its shard's lock alone.
///
/// The reference that others are measured by (Mattson et al., "Evaluation techniques for storage hierarchies", 1970).
/// Not for scans and loops larger than the cache, which flush it, nor where many threads hit at once.
struct Lru {
    class order {
    public:
        static constexpr bool shared_hits = false;

        void reserve(std::size_t slots) { links_.reserve(slots); }
        void inserted(slot_number slot, std::uint64_t) noexcept { list_.push_newest(links_, slot); }
        void used(slot_number slot, std::uint64_t) noexcept { list_.make_newest(links_, slot); }
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
