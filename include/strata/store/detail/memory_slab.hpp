#pragma once

#include <strata/eviction/eviction.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace strata::detail {

/// Places for entries, numbered by 32-bit slots that are used again. They lie in pieces that never move; all places of a
/// piece are equally large. `Sizes` are the sizes there are, ascending; with one size the address needs no look-up of it.
template <std::size_t Align, std::size_t... Sizes> class memory_slab {
    static constexpr std::array sizes{Sizes...};
    static constexpr bool uniform = sizes.size() == 1;

public:
    static constexpr std::size_t smallest = sizes.front();
    static constexpr std::size_t largest = sizes.back();

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
    /// From so many slots on, a free place of another size goes before memory for more. 0: never.
    void limit(std::size_t slots) noexcept { limit_ = slots == 0 ? SIZE_MAX : slots + slots / 4; }

    [[nodiscard]] std::byte* operator[](slot_number slot) const noexcept
    {
        auto const& p = pieces_[slot >> shift_];
        return p.places + (slot & mask_) * size_in(p);
    }

    /// The size of the place at `slot`.
    [[nodiscard]] std::size_t size_of(slot_number slot) const noexcept { return size_in(pieces_[slot >> shift_]); }

    /// A free place of `size` bytes or more; where memory shall not grow it may be a smaller one.
    [[nodiscard]] slot_number take(std::size_t size)
    {
        auto const fitting = kind_of(size);
        if (auto const slot = take_free(fitting); slot != no_slot) return slot;
        if (slots() >= limit_) {
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
    void release(slot_number slot) noexcept
    {
        auto& free = free_[pieces_[slot >> shift_].kind];
        std::memcpy((*this)[slot], &free.first, sizeof free.first);
        free.first = slot;
    }

    /// Slots that have ever been in use lie below this.
    [[nodiscard]] std::size_t slots() const noexcept { return pieces_.size() << shift_; }
    [[nodiscard]] std::size_t memory() const noexcept
    {
        std::size_t total = pieces_.capacity() * sizeof(piece);
        for (auto const& p : pieces_) total += size_in(p) << shift_;
        return total;
    }

    void clear() noexcept
    {
        pieces_.clear();
        free_ = {};
    }

    void prefetch(slot_number slot) const noexcept
    {
        auto const* place = (*this)[slot];
        __builtin_prefetch(place);
        if (sizes[0] > 16) __builtin_prefetch(place + (uniform ? sizes[0] : 64) - 1);
    }

private:
    struct free_places {
        void operator()(std::byte* places) const noexcept { ::operator delete(places, std::align_val_t{align}); }
    };
    static constexpr std::size_t align = std::max<std::size_t>(Align, 64);

    struct piece {
        std::byte* places;
        std::uint32_t size;
        std::uint32_t kind;
    };
    struct free_list {
        slot_number first = no_slot;
        slot_number fresh = 0; ///< Slots from here to `fresh_end` have never been used.
        slot_number fresh_end = 0;
    };

    /// Owns the places, so that `piece` stays a plain record.
    class piece_list : public std::vector<piece> {
    public:
        piece_list() = default;
        piece_list(piece_list&& other) noexcept : std::vector<piece>{std::move(other)} { other.forget(); }
        piece_list& operator=(piece_list&&) = delete;
        ~piece_list() { clear(); }
        void clear() noexcept
        {
            for (auto& p : *this) free_places{}(p.places);
            forget();
        }
        void forget() noexcept { std::vector<piece>::clear(); }
    };

    void swap(memory_slab& other) noexcept
    {
        static_cast<std::vector<piece>&>(pieces_).swap(other.pieces_);
        std::swap(free_, other.free_);
        std::swap(shift_, other.shift_);
        std::swap(mask_, other.mask_);
        std::swap(limit_, other.limit_);
    }

    [[nodiscard]] static std::size_t size_in(piece const& p) noexcept
    {
        if constexpr (uniform) {
            return sizes[0];
        } else {
            return p.size;
        }
    }
    /// The kind of the smallest places that hold `size` bytes; the smallest kind where none does.
    [[nodiscard]] static std::size_t kind_of(std::size_t size) noexcept
    {
        auto const at = std::lower_bound(sizes.begin(), sizes.end(), size);
        return at == sizes.end() ? 0 : static_cast<std::size_t>(at - sizes.begin());
    }
    [[nodiscard]] slot_number take_free(std::size_t kind) noexcept
    {
        auto& free = free_[kind];
        if (free.first != no_slot) {
            auto const slot = free.first;
            std::memcpy(&free.first, (*this)[slot], sizeof free.first);
            return slot;
        }
        return free.fresh == free.fresh_end ? no_slot : free.fresh++;
    }
    void add_piece(std::size_t kind)
    {
        if (slots() + (std::size_t{1} << shift_) > no_slot) throw std::bad_alloc{};
        pieces_.reserve(pieces_.size() == pieces_.capacity() ? 2 * pieces_.size() + 1 : 0);
        auto* const places =
            static_cast<std::byte*>(::operator new(sizes[kind] << shift_, std::align_val_t{align}));
        auto const first = static_cast<slot_number>(slots());
        pieces_.push_back({places, static_cast<std::uint32_t>(sizes[kind]), static_cast<std::uint32_t>(kind)});
        free_[kind].fresh = first;
        free_[kind].fresh_end = static_cast<slot_number>(slots());
    }

    piece_list pieces_;
    std::array<free_list, sizes.size()> free_;
    unsigned shift_ = 10;
    slot_number mask_ = (slot_number{1} << 10) - 1;
    std::size_t limit_ = SIZE_MAX;
};

} // namespace strata::detail
