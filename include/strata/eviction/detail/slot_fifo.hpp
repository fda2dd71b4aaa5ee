#pragma once

#include <strata/eviction/detail/slot_array.hpp>

#include <boost/endian/conversion.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace strata::detail {

/// A cache line of a queue: seventeen slots of 28 bits, one behind the other, and where it goes on.
struct alignas(64) fifo_piece {
    static constexpr unsigned places = 17;
    static constexpr unsigned bits = 28;
    static constexpr slot_number most = (slot_number{1} << bits) - 1;

    unsigned char packed[60];
    std::uint32_t next;

    [[nodiscard]] slot_number get(unsigned place) const noexcept
    {
        return boost::endian::load_little_u32(packed + byte_of(place)) >> shift_of(place) & most;
    }
    /// Places are written in their order: those behind this one lose what they hold.
    void put(unsigned place, slot_number slot) noexcept
    {
        auto* const at = packed + byte_of(place);
        auto const before = *at & ((1u << shift_of(place)) - 1); // the end of the place before this one
        boost::endian::store_little_u32(at, slot << shift_of(place) | before);
    }

private:
    [[nodiscard]] static unsigned byte_of(unsigned place) noexcept { return place * bits / 8; }
    [[nodiscard]] static unsigned shift_of(unsigned place) noexcept { return place % 2 * (bits % 8); }
};
static_assert(sizeof(fifo_piece) == 64);

/// The pieces of all queues of an order, by number.
class fifo_pieces {
public:
    static constexpr std::uint32_t none = UINT32_MAX;

    /// Makes room for `slots` in `queues`, each slot in one of them. Throws `std::bad_alloc`, and is as it was then.
    void reserve(std::size_t slots, std::size_t queues)
    {
        if (slots > fifo_piece::most) throw std::bad_alloc{};
        pieces_.reserve(slots / fifo_piece::places + 2 * queues + 1); // the first and the last of each are not full
    }
    [[nodiscard]] std::uint32_t take() noexcept
    {
        if (free_ == none) return fresh_++;
        return std::exchange(free_, pieces_[free_].next);
    }
    void release(std::uint32_t piece) noexcept { pieces_[piece].next = std::exchange(free_, piece); }

    [[nodiscard]] fifo_piece& operator[](std::uint32_t piece) noexcept { return pieces_[piece]; }
    [[nodiscard]] fifo_piece const& operator[](std::uint32_t piece) const noexcept { return pieces_[piece]; }
    [[nodiscard]] std::size_t memory() const noexcept { return pieces_.memory(); }

private:
    slot_array<fifo_piece> pieces_;
    std::uint32_t free_ = none;
    std::uint32_t fresh_ = 0; ///< Pieces from here on have never been used.
};

/// A queue of slots, in and out at its ends only: less than four bytes for each, read and written side by side.
class slot_fifo {
public:
    [[nodiscard]] bool empty() const noexcept { return first_ == fifo_pieces::none; }

    void push(fifo_pieces& pieces, slot_number slot) noexcept
    {
        if (end_ == fifo_piece::places) add_piece(pieces);
        pieces[last_].put(end_++, slot);
    }
    /// Only where it is not empty.
    [[nodiscard]] slot_number front(fifo_pieces const& pieces) const noexcept { return pieces[first_].get(begin_); }
    slot_number pop(fifo_pieces& pieces) noexcept
    {
        auto const slot = pieces[first_].get(begin_++);
        if (begin_ == (first_ == last_ ? end_ : fifo_piece::places)) drop_piece(pieces);
        return slot;
    }
    /// The one behind the `n` at the front, or `no_slot` where there are no more in this piece and the next one.
    [[nodiscard]] slot_number next(fifo_pieces const& pieces, std::size_t n) const noexcept
    {
        if (empty()) return no_slot;
        auto piece = first_;
        auto place = begin_ + n;
        if (place >= fifo_piece::places && piece != last_) {
            piece = pieces[piece].next;
            place -= fifo_piece::places;
        }
        if (place >= (piece == last_ ? end_ : fifo_piece::places)) return no_slot;
        return pieces[piece].get(static_cast<unsigned>(place));
    }

    template <class F> void for_each(fifo_pieces const& pieces, F&& f) const
    {
        if (empty()) return;
        auto place = begin_;
        for (auto piece = first_;; piece = pieces[piece].next, place = 0) {
            for (; place < (piece == last_ ? end_ : fifo_piece::places); ++place) f(pieces[piece].get(place));
            if (piece == last_) return;
        }
    }

private:
    void add_piece(fifo_pieces& pieces) noexcept
    {
        auto const piece = pieces.take();
        (empty() ? first_ : pieces[last_].next) = piece;
        last_ = piece;
        end_ = 0;
    }
    void drop_piece(fifo_pieces& pieces) noexcept
    {
        auto const piece = first_;
        if (first_ == last_) {
            *this = {};
        } else {
            first_ = pieces[piece].next;
            begin_ = 0;
            if (first_ != last_) __builtin_prefetch(&pieces[pieces[first_].next]);
        }
        pieces.release(piece);
    }

    std::uint32_t first_ = fifo_pieces::none;
    std::uint32_t last_ = fifo_pieces::none;
    unsigned begin_ = 0;
    unsigned end_ = fifo_piece::places;
};

} // namespace strata::detail
