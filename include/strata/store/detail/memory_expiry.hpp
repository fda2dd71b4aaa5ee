#pragma once

#include <strata/eviction/detail/slot_array.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace strata::detail {

/// When entries end, in four bytes for each: a time after a base, exact to the millisecond for twelve days or more, to
/// the second (rounded up) beyond. The base follows the clock, which costs one pass over all of them in twelve days, or
/// when the clock is put back. Nothing is allocated before the first entry with a lifetime.
class memory_expiry {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    /// Whether any entry may have a lifetime: if not, nobody need ask a clock.
    [[nodiscard]] bool any() const noexcept { return any_; }

    /// Makes room for the slots below `slots`, so that `set` can be used.
    void reserve(std::size_t slots)
    {
        ends_.reserve(slots);
        any_ = true;
    }

    /// The entry at `slot` ends when the clock, which shows `now`, shows `end`.
    void set(slot_number slot, std::int64_t end, std::int64_t now) noexcept
    {
        if (now <= base_ || now - base_ > rebase_after) rebase(now);
        mark(slot).store(end == never ? 0 : encoded(end), std::memory_order_relaxed);
    }
    /// The same while other threads read; the base stays.
    void renew(slot_number slot, std::int64_t end) noexcept
    {
        // Where the clock has been put back behind the base, later than asked for, rather than never.
        mark(slot).store(end == never ? 0 : encoded(std::max(end, base_ + gone + 1)), std::memory_order_relaxed);
    }
    void forget(slot_number slot) noexcept
    {
        if (any_) mark(slot).store(0, std::memory_order_relaxed);
    }

    /// Whether the entry has an end at all.
    [[nodiscard]] bool has_end(slot_number slot) noexcept { return mark(slot).load(std::memory_order_relaxed) != 0; }
    /// When the entry ends; `never` if it does not.
    [[nodiscard]] std::int64_t end(slot_number slot) noexcept
    {
        auto const code = mark(slot).load(std::memory_order_relaxed);
        return code == 0 ? never : decoded(code);
    }

    /// The next of all slots in turn: a hand that goes round, for finding what has ended without a scan of everything.
    [[nodiscard]] slot_number next() noexcept
    {
        hand_ = hand_ + 1 < ends_.size() ? hand_ + 1 : 0;
        return static_cast<slot_number>(hand_);
    }

    void clear() noexcept { *this = memory_expiry{}; }
    [[nodiscard]] std::size_t memory() const noexcept { return ends_.memory(); }

private:
    static constexpr std::uint32_t in_seconds = 1u << 31;
    static constexpr std::uint32_t gone = 1; ///< Ended before the base: also if the clock is put back.
    static constexpr std::int64_t rebase_after = std::int64_t{1} << 30;

    [[nodiscard]] std::atomic_ref<std::uint32_t> mark(slot_number slot) noexcept
    {
        return std::atomic_ref<std::uint32_t>{ends_[slot]};
    }
    [[nodiscard]] std::uint32_t encoded(std::int64_t end) const noexcept
    {
        if (end >= never / 2) return 0;
        auto const after = end - base_;
        if (after <= gone) return gone;
        if (after < in_seconds) return static_cast<std::uint32_t>(after);
        auto const seconds = (after - 1) / 1000 + 1;
        return seconds < in_seconds ? static_cast<std::uint32_t>(seconds) | in_seconds : 0; // 68 years: never
    }
    [[nodiscard]] std::int64_t decoded(std::uint32_t code) const noexcept
    {
        if (code == gone) return -(never / 2);
        return base_ + ((code & in_seconds) != 0 ? std::int64_t{code & ~in_seconds} * 1000 : std::int64_t{code});
    }

    /// By whole seconds, so that what counts in seconds stays exact.
    void rebase(std::int64_t now) noexcept
    {
        auto const old = base_;
        auto base = old + (now - old) / 1000 * 1000;
        while (base >= now) base -= 1000;
        for (std::size_t slot = 0; slot < ends_.size(); ++slot) {
            auto& code = ends_[static_cast<slot_number>(slot)];
            if (code == 0) continue;
            base_ = old;
            auto const end = decoded(code);
            base_ = base;
            code = encoded(end);
        }
        base_ = base;
    }

    slot_array<std::uint32_t> ends_; ///< 0: no end.
    std::int64_t base_ = 0;
    std::size_t hand_ = 0;
    bool any_ = false;
};

} // namespace strata::detail
