#pragma once

#include <strata/eviction/detail/growing_memory.hpp>
#include <strata/eviction/eviction.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace strata::detail {

/// Places of several sizes for bytes, numbered by 32-bit slots that are used again. Slots come in pieces of equally
/// large places, and all pieces lie one behind the other in memory that may move when it grows. `Sizes` are those there
/// are, ascending, multiples of eight.
template <std::size_t... Sizes> class memory_sizes {
    static constexpr std::array sizes{Sizes...};
    static_assert(((Sizes % 8 == 0) && ...));

public:
    static constexpr std::size_t largest = sizes.back();

    memory_sizes() = default;
    memory_sizes(memory_sizes&& other) noexcept { swap(other); }
    memory_sizes& operator=(memory_sizes&& other) noexcept
    {
        memory_sizes{std::move(other)}.swap(*this);
        return *this;
    }

    /// How many slots are expected, 0 if that is not known: pieces are at most a thirty-second of that.
    void expect(std::size_t slots) noexcept
    {
        if (pieces_.empty() && slots != 0) {
            expected_ = slots;
            shift_ = std::clamp(static_cast<unsigned>(std::bit_width(slots)), 8u, 24u) - 5;
        }
    }
    /// From so many slots or bytes on, or while a quarter of the places is free, a free place of another size goes
    /// before memory for more. 0 slots: unknown.
    void limit(std::size_t slots, std::size_t bytes) noexcept
    {
        limit_ = slots == 0 || slots > no_slot ? SIZE_MAX : slots + slots / 4;
        limit_bytes_ = bytes;
    }

    [[nodiscard]] std::byte* operator[](slot_number slot) const noexcept
    {
        auto const& p = pieces_[slot >> shift_];
        return reinterpret_cast<std::byte*>(p.origin + std::uintptr_t{slot} * p.size);
    }

    /// The size of the place at `slot`.
    [[nodiscard]] std::size_t size_of(slot_number slot) const noexcept { return pieces_[slot >> shift_].size; }

    /// A free place of `size` bytes or more; where memory shall not grow it may be a smaller one.
    [[nodiscard]] slot_number take(std::size_t size)
    {
        auto const fitting = kind_of(size);
        if (auto const slot = take_free(fitting); slot != no_slot) [[likely]] return slot;
        if (slots() >= limit_ || memory_.size() >= limit_bytes_ || free_places_ > slots() / 4) {
            for (std::size_t kind = fitting + 1; kind < sizes.size(); ++kind) {
                if (auto const slot = take_free(kind); slot != no_slot) return slot;
            }
            for (std::size_t kind = fitting; kind-- > 0;) {
                if (auto const slot = take_free(kind); slot != no_slot) return slot;
            }
        }
        add_piece(fitting);
        return take_free(fitting);
    }
    /// The same where `empty` is a slot that was taken and can be had instead; it is released if another one is better.
    [[nodiscard]] BOOST_FORCEINLINE slot_number take(std::size_t size, slot_number empty)
    {
        if (pieces_[empty >> shift_].kind == kind_of(size)) [[likely]] return empty;
        release(empty);
        return take(size);
    }
    void release(slot_number slot) noexcept
    {
        auto& free = free_[pieces_[slot >> shift_].kind];
        std::memcpy((*this)[slot], &free.first, sizeof free.first);
        free.first = slot;
        ++free_places_;
    }

    /// Slots that have ever been in use lie below this.
    [[nodiscard]] std::size_t slots() const noexcept { return pieces_.size() << shift_; }
    [[nodiscard]] std::size_t memory() const noexcept { return memory_.memory() + pieces_.capacity() * sizeof(piece); }

    void clear() noexcept
    {
        pieces_.clear();
        free_ = {};
        free_places_ = 0;
        memory_ = growing_memory{};
    }

    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept
    {
        auto const* place = (*this)[slot];
        __builtin_prefetch(place);
        __builtin_prefetch(place + 64);
        prefetch_end(slot);
    }

    BOOST_FORCEINLINE void prefetch_end(slot_number slot) const noexcept
    {
        __builtin_prefetch((*this)[slot] + pieces_[slot >> shift_].size - 1);
    }

private:
    struct piece {
        std::uintptr_t origin; ///< Where slot 0 would be, so that nothing need be taken off a slot; may wrap around.
        std::uint32_t size;
        std::uint32_t kind;
    };
    struct free_list {
        slot_number first = no_slot;
        slot_number fresh = 0; ///< Slots from here to `fresh_end` have never been used.
        slot_number fresh_end = 0;
    };

    void swap(memory_sizes& other) noexcept
    {
        std::swap(memory_, other.memory_);
        pieces_.swap(other.pieces_);
        std::swap(free_, other.free_);
        std::swap(free_places_, other.free_places_);
        std::swap(shift_, other.shift_);
        std::swap(limit_, other.limit_);
        std::swap(limit_bytes_, other.limit_bytes_);
        std::swap(expected_, other.expected_);
    }

    /// The kind of the smallest places that hold each size, by eighths.
    static constexpr auto kinds = [] {
        std::array<std::uint8_t, largest / 8 + 1> all{};
        for (std::size_t eighth = 0, kind = 0; eighth < all.size(); ++eighth) {
            if (eighth * 8 > sizes[kind]) ++kind;
            all[eighth] = static_cast<std::uint8_t>(kind);
        }
        return all;
    }();

    /// The kind of the smallest places that hold `size` bytes; the smallest kind where none does.
    [[nodiscard]] static std::size_t kind_of(std::size_t size) noexcept
    {
        return size > largest ? 0 : kinds[(size + 7) / 8];
    }
    [[nodiscard]] slot_number take_free(std::size_t kind) noexcept
    {
        auto& free = free_[kind];
        if (free.first != no_slot) {
            auto const slot = free.first;
            std::memcpy(&free.first, (*this)[slot], sizeof free.first);
            --free_places_;
            return slot;
        }
        return free.fresh == free.fresh_end ? no_slot : free.fresh++;
    }
    void add_piece(std::size_t kind)
    {
        auto const count = std::size_t{1} << shift_;
        auto const first = slots();
        if (first + count > no_slot) throw std::bad_alloc{};
        pieces_.reserve(pieces_.size() == pieces_.capacity() ? 2 * pieces_.size() + 1 : 0);
        auto const before = memory_.size();
        auto const expected = expected_ > SIZE_MAX / largest ? 0 : expected_ / count * count * sizes[kind];
        auto const old = reinterpret_cast<std::uintptr_t>(memory_.data());
        memory_.grow(before + count * sizes[kind], expected);
        auto const data = reinterpret_cast<std::uintptr_t>(memory_.data());
        if (data != old) {
            for (auto& p : pieces_) p.origin += data - old;
        }
        pieces_.push_back({data + before - first * sizes[kind], static_cast<std::uint32_t>(sizes[kind]),
                           static_cast<std::uint32_t>(kind)});
        free_[kind].fresh = static_cast<slot_number>(first);
        free_[kind].fresh_end = static_cast<slot_number>(first + count);
    }

    growing_memory memory_;
    std::vector<piece> pieces_;
    std::array<free_list, sizes.size()> free_;
    std::size_t free_places_ = 0; ///< Those that have been in use.
    unsigned shift_ = 10;
    std::size_t limit_ = SIZE_MAX;
    std::size_t limit_bytes_ = SIZE_MAX;
    std::size_t expected_ = 0;
};

} // namespace strata::detail
