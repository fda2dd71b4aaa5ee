#pragma once

#include <strata/eviction/detail/ghosts.hpp>
#include <strata/eviction/detail/slot_list.hpp>
#include <strata/eviction/detail/use_counts.hpp>

#include <boost/config.hpp>

namespace strata {

/// Three queues: new entries wait in a small one, a tenth of the cache; those used twice there move to the main one,
/// the others go and leave a ghost, by which they enter the main queue when they come again. The main queue reinserts what
/// was used. A hit counts to three in two bits, and writes nothing beyond.
///
/// Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023; a tenth, two uses and ghosts for nine tenths
/// of the entries, as in the authors' simulator. Not for very small caches under recency-driven loads: there the
/// small queue is too short for anything to be used twice in it.
struct S3Fifo {
    class order {
    public:
        static constexpr bool shared_hits = true;

        void reserve(std::size_t slots)
        {
            links_.reserve(slots);
            uses_.reserve(slots);
            if (full_) ghosts_.reserve(slots * 9 / 10 + 1);
        }
        BOOST_FORCEINLINE void expect(std::uint64_t hash) const noexcept
        {
            ghosts_.prefetch(hash);
        }
        void inserted(slot_number slot, std::uint64_t hash) noexcept
        {
            bool const known = ghosts_.take(hash);
            (known ? main_ : small_).push_newest(links_, slot);
            uses_.set(slot, known ? in_main : 0);
        }
        void used(slot_number slot, std::uint64_t) noexcept
        {
            auto const uses = uses_.get(slot);
            if (uses < most) [[unlikely]] uses_.set(slot, static_cast<std::uint8_t>(uses + one_use));
        }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { uses_.prefetch(slot); }
        void removed(slot_number slot) noexcept { list_of(slot).unlink(links_, slot); }

        [[nodiscard]] slot_number evict(auto const& hash_of) noexcept
        {
            full_ = true;
            auto const entries = small_.size() + main_.size();
            auto const main_share = entries - entries / 10;
            for (;;) {
                if (main_.size() > main_share || small_.size() == 0) return evict_main();
                while (small_.size() > 0) {
                    auto const slot = small_.pop_oldest(links_);
                    if (uses_.get(slot) < 2 * one_use) {
                        ghosts_.insert(hash_of(slot), entries * 9 / 10);
                        return slot;
                    }
                    main_.push_newest(links_, slot);
                    uses_.set(slot, in_main);
                }
            }
        }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept
        {
            return links_.memory() + uses_.memory() + ghosts_.memory();
        }

        template <class F> void for_each(F&& f) const
        {
            small_.for_each(links_, f);
            main_.for_each(links_, f);
        }

    private:
        // A count in the upper bits, so that one comparison tells whether it is at three, and a flag below it.
        static constexpr std::uint8_t one_use = 64;
        static constexpr std::uint8_t most = 3 * one_use;
        static constexpr std::uint8_t in_main = 1;

        [[nodiscard]] detail::slot_list& list_of(slot_number slot) noexcept
        {
            return (uses_.get(slot) & in_main) != 0 ? main_ : small_;
        }

        [[nodiscard]] slot_number evict_main() noexcept
        {
            for (;;) {
                auto const slot = main_.pop_oldest(links_);
                auto const uses = uses_.get(slot);
                if (uses == in_main) return slot;
                uses_.set(slot, static_cast<std::uint8_t>(uses - one_use));
                main_.push_newest(links_, slot);
            }
        }

        detail::slot_links links_;
        detail::use_counts uses_;
        detail::slot_list small_;
        detail::slot_list main_;
        detail::ghosts ghosts_;
        bool full_ = false; ///< Something has been evicted: from then on there are ghosts.
    };
};

} // namespace strata
