#pragma once

#include <strata/eviction/detail/ghost_fifo.hpp>
#include <strata/eviction/detail/small_and_main.hpp>

#include <boost/config.hpp>

namespace strata {

/// Three queues: new entries wait in a small one, a tenth of the cache; those used twice there move to the main one,
/// the others go and leave a ghost, by which they enter the main queue when they come again. The main queue reinserts
/// what was used. A hit counts to three in two bits, and writes nothing beyond.
///
/// Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023; a tenth, two uses and ghosts for nine
/// tenths of the entries, as in the authors' simulator. Not for very small caches under recency-driven loads: there the
/// small queue is too short for anything to be used twice in it.
struct S3Fifo {
    class order {
    public:
        static constexpr bool shared_hits = true;

        void reserve(std::size_t slots)
        {
            queues_.reserve(slots);
            if (full_) ghosts_.reserve(ghosts_for(slots));
        }
        BOOST_FORCEINLINE void expect(std::uint64_t hash) const noexcept { ghosts_.prefetch(hash); }
        void inserted(slot_number slot, std::uint64_t hash) noexcept
        {
            ghosts_.take(hash) ? queues_.insert_main(slot) : queues_.insert_small(slot);
        }
        void used(slot_number slot, std::uint64_t) noexcept { queues_.use(slot); }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { queues_.prefetch(slot); }
        void removed(slot_number slot) noexcept { queues_.remove(slot); }

        [[nodiscard]] slot_number evict(auto const& hash_of) noexcept
        {
            full_ = true;
            auto const entries = queues_.size();
            bool const from_main = queues_.main_size() > entries - entries / 10;
            while (!from_main && queues_.small_size() > 0) {
                auto const slot = queues_.pop_small();
                if (slot == no_slot) continue;
                ghosts_.keep(ghosts_for(entries));
                ghosts_.insert(hash_of(slot));
                return slot;
            }
            for (;;) {
                auto const slot = queues_.pop_main();
                if (slot != no_slot) return slot;
            }
        }
        template <class F> void give_back(F&& f) { queues_.give_back(f); }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return queues_.memory() + ghosts_.memory(); }

        template <class F> void for_each(F&& f) const { queues_.for_each(f); }

    private:
        /// One more than nine tenths: the authors' simulator looks for a key before it evicts for it, and here the
        /// ghost of what is evicted comes first.
        [[nodiscard]] static std::size_t ghosts_for(std::size_t entries) noexcept { return entries * 9 / 10 + 1; }

        detail::small_and_main<detail::counted_uses::all> queues_;
        detail::ghost_fifo ghosts_;
        bool full_ = false; ///< Something has been evicted: from then on there are ghosts.
    };
};

} // namespace strata
