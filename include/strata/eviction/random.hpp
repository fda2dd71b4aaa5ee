#pragma once

#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/detail/slot_array.hpp>

namespace strata {

/// Evicts any entry, each as likely as another. A hit writes nothing.
///
/// Immune to loops a little larger than the cache, on which Lru and Fifo never hit (Belady, "A study of replacement
/// algorithms for a virtual-storage computer", IBM Systems Journal 1966, has the first comparison).
/// Not where popularity differs much between keys: popular ones go as often as the rest.
struct Random {
    class order {
    public:
        static constexpr bool shared_hits = true;

        explicit order(std::uint64_t seed = 0) noexcept : random_{seed} {}

        void reserve(std::size_t slots) { places_.reserve(slots); }
        void inserted(slot_number slot, std::uint64_t) noexcept
        {
            places_[slot].index = count_;
            places_[count_++].slot = slot;
        }
        void used(slot_number, std::uint64_t) noexcept {}
        void removed(slot_number slot) noexcept
        {
            auto const last = places_[--count_].slot;
            places_[places_[slot].index].slot = last;
            places_[last].index = places_[slot].index;
        }
        [[nodiscard]] slot_number evict(auto const&) noexcept
        {
            auto const slot = places_[static_cast<slot_number>(random_.below(count_))].slot;
            removed(slot);
            return slot;
        }
        void clear() noexcept
        {
            places_.clear();
            count_ = 0;
        }
        [[nodiscard]] std::size_t memory() const noexcept { return places_.memory(); }

    private:
        /// Two arrays in one: the slots that hold entries, without gaps, and where each slot stands among them.
        struct place {
            slot_number slot;
            slot_number index;
        };

        detail::slot_array<place> places_;
        slot_number count_ = 0;
        detail::random_bits random_;
    };
};

} // namespace strata
