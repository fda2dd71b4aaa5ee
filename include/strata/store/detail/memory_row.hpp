#pragma once

#include <strata/eviction/detail/growing_memory.hpp>
#include <strata/eviction/eviction.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace strata::detail {

/// Places of one size, numbered by 32-bit slots that are used again, in one row: the address of a place is a product.
/// They may move when there come more, so what lies in them must be trivially copyable.
template <std::size_t Size> class memory_row {
    static_assert(Size >= sizeof(slot_number));

public:
    memory_row() noexcept = default;
    memory_row(memory_row&& other) noexcept
        : memory_{std::move(other.memory_)}
        , first_{std::exchange(other.first_, nullptr)}
        , free_{std::exchange(other.free_, no_slot)}
        , fresh_{std::exchange(other.fresh_, 0)}
        , slots_{std::exchange(other.slots_, 0)}
        , expected_{other.expected_}
    {
    }
    memory_row& operator=(memory_row&& other) noexcept
    {
        memory_ = std::move(other.memory_);
        first_ = std::exchange(other.first_, nullptr);
        free_ = std::exchange(other.free_, no_slot);
        fresh_ = std::exchange(other.fresh_, 0);
        slots_ = std::exchange(other.slots_, 0);
        expected_ = other.expected_;
        return *this;
    }

    /// How many slots are expected, 0 if that is not known.
    void expect(std::size_t slots) noexcept { expected_ = slots; }
    void limit(std::size_t, std::size_t) noexcept {}

    [[nodiscard]] std::byte* operator[](slot_number slot) const noexcept { return first_ + std::size_t{slot} * Size; }

    [[nodiscard]] slot_number take(std::size_t)
    {
        if (free_ != no_slot) {
            auto const slot = free_;
            std::memcpy(&free_, (*this)[slot], sizeof free_);
            return slot;
        }
        if (fresh_ == slots_) grow();
        return fresh_++;
    }
    void release(slot_number slot) noexcept
    {
        std::memcpy((*this)[slot], &free_, sizeof free_);
        free_ = slot;
    }

    /// Slots that have ever been in use lie below this.
    [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
    [[nodiscard]] std::size_t memory() const noexcept { return memory_.memory(); }

    void clear() noexcept
    {
        auto const expected = expected_;
        *this = memory_row{};
        expected_ = expected;
    }

    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept
    {
        auto const* place = (*this)[slot];
        __builtin_prefetch(place);
        if constexpr (64 % Size != 0) __builtin_prefetch(place + Size - 1);
    }

private:
    /// By a thirty-second of what is here or expected.
    void grow()
    {
        auto const step = std::clamp<std::size_t>(std::max(slots_, expected_) / 32, 16, std::size_t{1} << 17);
        auto slots = slots_ + step;
        if (expected_ > slots_) slots = std::min(slots, expected_);
        if (slots > no_slot) throw std::bad_alloc{};
        memory_.grow(slots * Size, std::min<std::size_t>(expected_, no_slot) * Size);
        first_ = memory_.data();
        slots_ = slots;
    }

    growing_memory memory_;
    std::byte* first_ = nullptr;
    slot_number free_ = no_slot;
    slot_number fresh_ = 0; ///< Slots from here to `slots_` have never been used.
    std::size_t slots_ = 0;
    std::size_t expected_ = 0;
};

} // namespace strata::detail
