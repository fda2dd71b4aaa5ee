#pragma once

#include <strata/eviction/detail/slot_array.hpp>

#include <boost/config.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace strata::detail {

/// A small counter of uses for each slot. Several threads may count at once: of two that meet one may be lost, which no
/// eviction minds. The accesses are relaxed, which compiles to plain loads and stores.
class use_counts {
public:
    void reserve(std::size_t count) { counts_.reserve((count + 7) / 8 * 8); }
    /// Slots that there is room for.
    [[nodiscard]] std::size_t slots() const noexcept { return counts_.size(); }
    [[nodiscard]] std::size_t memory() const noexcept { return counts_.memory(); }

    /// Inlined by force, here and above: g++ takes a call that does nothing else for one that does nothing.
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { __builtin_prefetch(&counts_[slot]); }

    [[nodiscard]] std::uint8_t get(slot_number slot) noexcept
    {
        return std::atomic_ref<std::uint8_t>{counts_[slot]}.load(std::memory_order_relaxed);
    }
    void set(slot_number slot, std::uint8_t value) noexcept
    {
        std::atomic_ref<std::uint8_t>{counts_[slot]}.store(value, std::memory_order_relaxed);
    }

    /// Clears `bits` in the counters of eight slots, and returns where those of the next eight begin, after the last
    /// ones 0. Not while another thread uses them. `first` is a multiple of eight, for which there is room.
    slot_number clear_in_eight(slot_number first, std::uint8_t bits) noexcept
    {
        std::uint64_t eight;
        std::memcpy(&eight, &counts_[first], sizeof eight);
        eight &= ~(0x0101'0101'0101'0101u * bits);
        std::memcpy(&counts_[first], &eight, sizeof eight);
        auto const next = first + 8;
        return next < counts_.size() ? next : 0;
    }

private:
    slot_array<std::uint8_t> counts_;
};

} // namespace strata::detail
