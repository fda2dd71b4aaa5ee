#pragma once

#include <strata/eviction/detail/ghosts.hpp>
#include <strata/eviction/detail/slot_list.hpp>
#include <strata/eviction/detail/use_counts.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstdint>

namespace strata {

/// The queues of `S3Fifo`, with the small one as large as the load wants it: both queues leave ghosts, and an entry that
/// comes again after the small queue gave it up makes that larger, one that the main queue gave up makes it smaller, as
/// ARC balances its two lists. So it is near Lru where recency counts and near S3Fifo where frequency does. A
/// hit counts to three in two bits, and writes nothing beyond. This is the default of `Memory`.
///
/// Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023, and Megiddo and Modha, "ARC: A Self-Tuning, Low
/// Overhead Replacement Cache", FAST 2003. Not where every byte beside the entries counts: `Sieve` has no ghosts.
struct AdaptiveS3Fifo {
    class order {
    public:
        static constexpr bool shared_hits = true;

        void reserve(std::size_t slots)
        {
            links_.reserve(slots);
            uses_.reserve(slots);
            if (full_) {
                ghosts_of_small_.reserve(slots / 2);
                ghosts_of_main_.reserve(slots / 2);
            }
        }
        BOOST_FORCEINLINE void expect(std::uint64_t hash) const noexcept
        {
            ghosts_of_small_.prefetch(hash);
            ghosts_of_main_.prefetch(hash);
        }
        void inserted(slot_number slot, std::uint64_t hash) noexcept
        {
            bool const missed_in_small = ghosts_of_small_.take(hash);
            bool const missed_in_main = !missed_in_small && ghosts_of_main_.take(hash);
            if (missed_in_small) {
                adapt(+1, ghosts_of_main_.size(), ghosts_of_small_.size());
            } else if (missed_in_main) {
                adapt(-1, ghosts_of_small_.size(), ghosts_of_main_.size());
            }
            bool const known = missed_in_small || missed_in_main;
            (known ? main_ : small_).push_newest(links_, slot);
            uses_.set(slot, known ? in_main : 0);
        }
        void used(slot_number slot, std::uint64_t) noexcept
        {
            auto const uses = uses_.get(slot);
            if (uses < most) [[unlikely]] uses_.set(slot, static_cast<std::uint8_t>(uses + one_use));
        }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { uses_.prefetch(slot); }
        void removed(slot_number slot) noexcept
        {
            ((uses_.get(slot) & in_main) != 0 ? main_ : small_).unlink(links_, slot);
        }

        [[nodiscard]] slot_number evict(auto const& hash_of) noexcept
        {
            full_ = true;
            auto const remembered = (entries() + 1) / 2;
            auto const wanted = share_ * static_cast<double>(entries());
            for (;;) {
                bool const from_main = main_.size() > 0 && static_cast<double>(small_.size()) < wanted;
                if (from_main || small_.size() == 0) {
                    auto const slot = main_.pop_oldest(links_);
                    auto const uses = uses_.get(slot);
                    if (uses == in_main) {
                        ghosts_of_main_.insert(hash_of(slot), remembered);
                        return slot;
                    }
                    uses_.set(slot, static_cast<std::uint8_t>(uses - one_use));
                    main_.push_newest(links_, slot);
                } else {
                    auto const slot = small_.pop_oldest(links_);
                    if (uses_.get(slot) < 2 * one_use) {
                        ghosts_of_small_.insert(hash_of(slot), remembered);
                        return slot;
                    }
                    uses_.set(slot, in_main);
                    main_.push_newest(links_, slot);
                }
            }
        }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept
        {
            return links_.memory() + uses_.memory() + ghosts_of_small_.memory() + ghosts_of_main_.memory();
        }

        /// The small queue's share of the entries that the order aims at, from 0.01 to 0.9.
        [[nodiscard]] double small_share() const noexcept { return share_; }

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

        [[nodiscard]] std::size_t entries() const noexcept { return small_.size() + main_.size(); }

        /// One entry more or less for the small queue, or as many as the other ghosts are more than these.
        void adapt(int direction, std::size_t others, std::size_t these) noexcept
        {
            auto const ratio = static_cast<double>(others) / static_cast<double>(std::max<std::size_t>(1, these));
            auto const weight = std::max(1.0, ratio);
            share_ = std::clamp(share_ + direction * weight / static_cast<double>(entries() + 1), 0.01, 0.9);
        }

        detail::slot_links links_;
        detail::use_counts uses_;
        detail::slot_list small_;
        detail::slot_list main_;
        detail::ghosts ghosts_of_small_;
        detail::ghosts ghosts_of_main_;
        double share_ = 0.1;
        bool full_ = false; ///< Something has been evicted: from then on there are ghosts.
    };
};

} // namespace strata
