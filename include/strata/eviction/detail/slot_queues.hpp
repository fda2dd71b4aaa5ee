#pragma once

#include <strata/eviction/detail/slot_bits.hpp>
#include <strata/eviction/detail/slot_fifo.hpp>

#include <boost/config.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace strata::detail {

/// `Count` queues of slots, from the oldest to the newest. A slot that is removed stays in its queue, marked, until it
/// is the oldest there or a sweep comes by; then it can be given back. A sweep goes on by some steps with each slot
/// that is removed while those kept are more than a sixteenth of the entries, which bounds them to about an eighth.
///
/// Four bytes for each slot. All takes constant time, amortized.
template <std::size_t Count> class slot_queues {
public:
    /// Makes room for the slots below `slots`. Throws `std::bad_alloc`, and is as it was then.
    void reserve(std::size_t slots)
    {
        if (slots <= reserved_) [[likely]] return;
        pieces_.reserve(slots, 2 * Count + 1);
        gone_.reserve(slots);
        reserved_ = slots;
    }

    /// Entries in all queues.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void push(std::size_t queue, slot_number slot) noexcept
    {
        queues_[queue].newer.push(pieces_, slot);
        ++size_;
    }
    /// The oldest. Only where there is an entry in the queue.
    slot_number pop(std::size_t queue) noexcept
    {
        drop_gone(queue);
        --size_;
        return end_of(queue).pop(pieces_);
    }
    [[nodiscard]] bool empty(std::size_t queue) noexcept
    {
        drop_gone(queue);
        return end_of(queue).empty();
    }
    /// The one behind the `n` oldest ones, if that is at hand and was not removed; else `no_slot`.
    [[nodiscard]] slot_number next(std::size_t queue, std::size_t n) const noexcept
    {
        auto const& q = queues_[queue];
        auto const slot = (q.older.empty() ? q.newer : q.older).next(pieces_, n);
        return slot == no_slot || is_gone(slot) ? no_slot : slot;
    }
    void swap(std::size_t queue, std::size_t other) noexcept { std::swap(queues_[queue], queues_[other]); }

    /// Of whichever queue. The slot is kept.
    void remove(slot_number slot) noexcept
    {
        gone_.set(slot);
        ++gone_count_;
        --size_;
    }
    /// Calls `f` with the slots that are no longer in a queue though they were removed.
    template <class F> BOOST_FORCEINLINE void give_back(F&& f)
    {
        if (gone_count_ != 0 || !out_.empty()) [[unlikely]] let_go(f);
    }

    template <class F> void for_each(std::size_t queue, F&& f) const
    {
        auto const living = [&](slot_number slot) {
            if (!is_gone(slot)) f(slot);
        };
        queues_[queue].older.for_each(pieces_, living);
        queues_[queue].newer.for_each(pieces_, living);
    }
    [[nodiscard]] std::size_t memory() const noexcept { return pieces_.memory() + gone_.memory(); }

private:
    static constexpr int steps_of_sweep = 18;

    /// The part that has been swept in this round, and what is newer.
    struct parts {
        slot_fifo older;
        slot_fifo newer;
    };

    [[nodiscard]] bool is_gone(slot_number slot) const noexcept { return gone_count_ != 0 && gone_.get(slot); }
    [[nodiscard]] slot_fifo& end_of(std::size_t queue) noexcept
    {
        auto& q = queues_[queue];
        return q.older.empty() ? q.newer : q.older;
    }
    template <class F> BOOST_NOINLINE void let_go(F& f)
    {
        for (std::size_t queue = 0; queue < Count; ++queue) drop_gone(queue);
        if (gone_count_ > size_ / 16 + 8) sweep();
        while (!out_.empty()) f(out_.pop(pieces_));
    }
    void let_out(slot_number slot) noexcept
    {
        gone_.reset(slot);
        --gone_count_;
        out_.push(pieces_, slot);
    }
    BOOST_FORCEINLINE void drop_gone(std::size_t queue) noexcept
    {
        if (gone_count_ != 0) [[unlikely]] drop_some(queue);
    }
    BOOST_NOINLINE void drop_some(std::size_t queue) noexcept
    {
        for (;;) {
            auto& end = end_of(queue);
            if (end.empty() || !is_gone(end.front(pieces_))) return;
            let_out(end.pop(pieces_));
        }
    }
    void sweep() noexcept
    {
        for (int i = 0; i < steps_of_sweep; ++i) {
            auto& q = queues_[swept_];
            if (q.newer.empty()) {
                std::swap(q.older, q.newer);
                swept_ = (swept_ + 1) % Count;
                continue;
            }
            auto const slot = q.newer.pop(pieces_);
            is_gone(slot) ? let_out(slot) : q.older.push(pieces_, slot);
        }
    }

    fifo_pieces pieces_;
    slot_bits gone_;
    std::array<parts, Count> queues_;
    slot_fifo out_; ///< Removed, and in no queue any longer.
    std::size_t size_ = 0;
    std::size_t gone_count_ = 0; ///< In the queues.
    std::size_t reserved_ = 0;
    std::size_t swept_ = 0; ///< The queue where the sweep is.
};

} // namespace strata::detail
