#pragma once

#include <strata/eviction/eviction.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace strata::detail {

/// Places for objects of one size, numbered by 32-bit slots that are used again. They lie in pieces that never move.
template <std::size_t Align, std::size_t Size> class memory_slab {
    static_assert(Size >= sizeof(slot_number));

public:
    memory_slab() = default;
    memory_slab(memory_slab&& other) noexcept { swap(other); }
    memory_slab& operator=(memory_slab&& other) noexcept
    {
        memory_slab{std::move(other)}.swap(*this);
        return *this;
    }

    /// How many slots are expected, 0 if that is not known: pieces are at most a thirty-second of that.
    void expect(std::size_t slots) noexcept
    {
        if (pieces_.empty() && slots != 0) {
            shift_ = std::clamp(static_cast<unsigned>(std::bit_width(slots)), 8u, 17u) - 5;
            mask_ = (slot_number{1} << shift_) - 1;
        }
    }
    void limit(std::size_t, std::size_t) noexcept {}

    [[nodiscard]] std::byte* operator[](slot_number slot) const noexcept
    {
        return pieces_[slot >> shift_].get() + (slot & mask_) * Size;
    }

    [[nodiscard]] slot_number take(std::size_t)
    {
        if (free_ != no_slot) {
            auto const slot = free_;
            std::memcpy(&free_, (*this)[slot], sizeof free_);
            return slot;
        }
        if (fresh_ == slots()) add_piece();
        return fresh_++;
    }
    void release(slot_number slot) noexcept
    {
        std::memcpy((*this)[slot], &free_, sizeof free_);
        free_ = slot;
    }

    /// Slots that have ever been in use lie below this.
    [[nodiscard]] std::size_t slots() const noexcept { return pieces_.size() << shift_; }
    [[nodiscard]] std::size_t memory() const noexcept
    {
        return slots() * Size + pieces_.capacity() * sizeof(pieces_[0]);
    }

    void clear() noexcept
    {
        pieces_.clear();
        free_ = no_slot;
        fresh_ = 0;
    }

    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept
    {
        auto const* place = (*this)[slot];
        __builtin_prefetch(place);
        if constexpr (Size > 16) __builtin_prefetch(place + Size - 1);
    }

private:
    static constexpr std::size_t align = std::max<std::size_t>(Align, 64);

    struct free_places {
        void operator()(std::byte* places) const noexcept { ::operator delete(places, std::align_val_t{align}); }
    };

    void swap(memory_slab& other) noexcept
    {
        pieces_.swap(other.pieces_);
        std::swap(free_, other.free_);
        std::swap(fresh_, other.fresh_);
        std::swap(shift_, other.shift_);
        std::swap(mask_, other.mask_);
    }

    void add_piece()
    {
        if (slots() + (std::size_t{1} << shift_) > no_slot) throw std::bad_alloc{};
        pieces_.reserve(pieces_.size() == pieces_.capacity() ? 2 * pieces_.size() + 1 : 0);
        pieces_.emplace_back(static_cast<std::byte*>(::operator new(Size << shift_, std::align_val_t{align})));
    }

    std::vector<std::unique_ptr<std::byte, free_places>> pieces_;
    slot_number free_ = no_slot;
    slot_number fresh_ = 0; ///< Slots from here on have never been used.
    unsigned shift_ = 10;
    slot_number mask_ = (slot_number{1} << 10) - 1;
};

} // namespace strata::detail
