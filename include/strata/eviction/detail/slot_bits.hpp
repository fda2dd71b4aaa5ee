#pragma once

#include <strata/eviction/detail/slot_array.hpp>

#include <boost/config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// A bit for each slot, 0 at first. `set` may run in several threads at once: eight bits share a byte, so of two that
/// meet in it one may be lost, which no eviction minds. The accesses are relaxed, which compiles to plain loads and
/// stores.
class slot_bits {
public:
    void reserve(std::size_t count) { bytes_.reserve((count + 7) / 8); }
    [[nodiscard]] std::size_t memory() const noexcept { return bytes_.memory(); }

    /// Inlined by force, here and above: g++ takes a call that does nothing else for one that does nothing.
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { __builtin_prefetch(&bytes_[slot / 8]); }

    [[nodiscard]] bool get(slot_number slot) const noexcept { return (load(slot) >> slot % 8 & 1) != 0; }
    /// Writes only what changes.
    void set(slot_number slot) noexcept
    {
        auto const now = load(slot);
        auto const wanted = static_cast<std::uint8_t>(now | 1u << slot % 8);
        if (wanted != now) [[unlikely]] store(slot, wanted);
    }
    void reset(slot_number slot) noexcept { store(slot, static_cast<std::uint8_t>(load(slot) & ~(1u << slot % 8))); }

private:
    [[nodiscard]] std::uint8_t load(slot_number slot) const noexcept
    {
        // What an atomic_ref refers to must not be const before C++26.
        auto& byte = const_cast<std::uint8_t&>(bytes_[slot / 8]);
        return std::atomic_ref<std::uint8_t>{byte}.load(std::memory_order_relaxed);
    }
    void store(slot_number slot, std::uint8_t byte) noexcept
    {
        std::atomic_ref<std::uint8_t>{bytes_[slot / 8]}.store(byte, std::memory_order_relaxed);
    }

    slot_array<std::uint8_t> bytes_;
};

} // namespace strata::detail
