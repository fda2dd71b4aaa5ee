#pragma once

#include <strata/eviction/detail/slot_queues.hpp>
#include <strata/eviction/detail/use_counts.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// Which uses count. `spaced`: those of entries that have been neither inserted nor used lately, since uses in quick
/// succession often belong together and tell little of later ones ("correlated references": O'Neil, O'Neil and Weikum,
/// "The LRU-K Page Replacement Algorithm for Database Disk Buffering", SIGMOD 1993). What is lately ends for an entry
/// as a sweep comes by, which passes all slots while an eighth of the entries are replaced.
enum class counted_uses { all, spaced };

/// The two queues of S3-FIFO, with a byte for each slot: uses, counted to three, and the queue. What is in it when, is
/// for the order to say.
template <counted_uses Counted> class small_and_main {
public:
    void reserve(std::size_t slots)
    {
        queues_.reserve(slots);
        uses_.reserve(slots);
    }
    void insert_small(slot_number slot) noexcept
    {
        sweep();
        uses_.set(slot, lately);
        queues_.push(small, slot);
        ++small_size_;
    }
    /// As one that was not used.
    void insert_main(slot_number slot) noexcept
    {
        sweep();
        push_main(slot, lately | in_main);
    }

    void use(slot_number slot) noexcept
    {
        auto const uses = uses_.get(slot);
        if (uses < most) [[unlikely]] uses_.set(slot, static_cast<std::uint8_t>(uses + one_use + lately));
    }
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { uses_.prefetch(slot); }

    void remove(slot_number slot) noexcept
    {
        if ((uses_.get(slot) & in_main) == 0) --small_size_;
        queues_.remove(slot);
    }
    /// What becomes the oldest of a queue when `n` others have gone, if that is at hand and was not removed; else
    /// `no_slot`.
    [[nodiscard]] slot_number next(bool of_small, std::size_t n) const noexcept
    {
        return queues_.next(of_small ? small : main, n);
    }
    template <class F> void give_back(F&& f) { queues_.give_back(f); }

    [[nodiscard]] std::size_t size() const noexcept { return queues_.size(); }
    [[nodiscard]] std::size_t small_size() const noexcept { return small_size_; }
    [[nodiscard]] std::size_t main_size() const noexcept { return size() - small_size_; }

    /// Takes the oldest of the small queue out, if it has less than two of all uses or one of the spaced; else it moves
    /// to the main queue, and the result is `no_slot`. Only where there is one.
    slot_number pop_small() noexcept
    {
        auto const slot = queues_.pop(small);
        --small_size_;
        auto const uses = uses_.get(slot);
        if ((uses & most) < uses_to_stay) return slot;
        push_main(slot, static_cast<std::uint8_t>((uses & lately) | in_main));
        return no_slot;
    }
    /// Takes the oldest of the main queue out, if it has no uses left; else it loses one and becomes the newest, and
    /// the result is `no_slot`. Only where there is one.
    slot_number pop_main() noexcept
    {
        auto const slot = queues_.pop(main);
        auto const uses = uses_.get(slot);
        if ((uses & most) == 0) return slot;
        push_main(slot, static_cast<std::uint8_t>(uses - one_use));
        return no_slot;
    }

    template <class F> void for_each(F&& f) const
    {
        queues_.for_each(small, f);
        queues_.for_each(main, f);
    }
    [[nodiscard]] std::size_t memory() const noexcept { return queues_.memory() + uses_.memory(); }

private:
    static constexpr std::size_t small = 0;
    static constexpr std::size_t main = 1;

    // A count, and above it the bit of those used lately, so that one comparison tells whether a use counts.
    static constexpr bool spaced = Counted == counted_uses::spaced;
    static constexpr std::uint8_t lately = spaced ? 128 : 0;
    static constexpr std::uint8_t one_use = 32;
    static constexpr std::uint8_t most = 3 * one_use;
    static constexpr std::uint8_t uses_to_stay = spaced ? one_use : 2 * one_use;
    static constexpr std::uint8_t in_main = 1;

    static constexpr std::size_t slots_of_pace = 1024; ///< After so many the sweep looks at its pace.
    static constexpr std::size_t most_pace = 64;

    void sweep() noexcept
    {
        if constexpr (spaced) {
            swept_ = uses_.clear_in_eight(swept_, lately);
            if (swept_ % slots_of_pace == 0) [[unlikely]] sweep_further();
        }
    }
    /// Where there were far more entries once, the sweep has the slots of all of those to pass.
    BOOST_NOINLINE void sweep_further() noexcept
    {
        auto const pace = std::min(uses_.slots() / (size() + slots_of_pace), most_pace);
        for (auto i = slots_of_pace; i < pace * slots_of_pace; i += 8) swept_ = uses_.clear_in_eight(swept_, lately);
    }

    void push_main(slot_number slot, std::uint8_t uses) noexcept
    {
        uses_.set(slot, uses);
        queues_.push(main, slot);
    }

    slot_queues<2> queues_;
    use_counts uses_;
    std::size_t small_size_ = 0;
    slot_number swept_ = 0; ///< Where the sweep is.
};

} // namespace strata::detail
