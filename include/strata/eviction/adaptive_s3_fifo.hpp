#pragma once

#include <strata/eviction/detail/ghosts.hpp>
#include <strata/eviction/detail/small_and_main.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace strata {

/// The queues of `S3Fifo`, with the small one as large as the load wants it: both queues leave ghosts, and an entry
/// that comes again after the small queue gave it up makes that larger, one that the main queue gave up makes it
/// smaller, as ARC balances its two lists. So it is near Lru where recency counts and near S3Fifo where frequency does.
/// Of uses in quick succession one counts, so that one in the small queue is enough for the main one; a hit writes a
/// byte, and nothing where the entry was used lately or three times. This is the default of `Memory`.
///
/// Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023; Megiddo and Modha, "ARC: A Self-Tuning,
/// Low Overhead Replacement Cache", FAST 2003; O'Neil, O'Neil and Weikum, "The LRU-K Page Replacement Algorithm for
/// Database Disk Buffering", SIGMOD 1993, for the uses in quick succession. Not where every byte beside the entries
/// counts: `Sieve` has no ghosts.
struct AdaptiveS3Fifo {
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
            auto const missed_in = ghosts_.take(hash);
            if (missed_in == ghosts_.none) [[likely]] return queues_.insert_small(slot);
            adapt(missed_in);
            queues_.insert_main(slot);
        }
        void used(slot_number slot, std::uint64_t) noexcept { queues_.use(slot); }
        BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { queues_.prefetch(slot); }
        void removed(slot_number slot) noexcept { queues_.remove(slot); }

        [[nodiscard]] BOOST_FORCEINLINE slot_number evict(auto const& hash_of) noexcept
        {
            full_ = true;
            ghosts_.keep(ghosts_for(queues_.size()));
            auto const wanted = queues_.size() * share_;
            for (;;) {
                bool const from_small =
                    queues_.small_size() > 0 && (queues_.small_size() * whole >= wanted || queues_.main_size() == 0);
                auto const slot = from_small ? queues_.pop_small() : queues_.pop_main();
                if (slot == no_slot) continue;
                ghosts_.insert(from_small ? of_small : of_main, hash_of(slot));
                return slot;
            }
        }
        /// Of the queue that is too long when one more entry has come into the small one, as mostly before an eviction.
        [[nodiscard]] slot_number next(std::size_t n) const noexcept
        {
            return queues_.next((queues_.small_size() + 1) * whole >= (queues_.size() + 1) * share_, n);
        }
        template <class F> void give_back(F&& f) { queues_.give_back(f); }
        void clear() noexcept { *this = order{}; }
        [[nodiscard]] std::size_t memory() const noexcept { return queues_.memory() + ghosts_.memory(); }

        /// The small queue's share of the entries that the order aims at, from 0.01 to 0.9.
        [[nodiscard]] double small_share() const noexcept
        {
            return static_cast<double>(share_) / static_cast<double>(whole);
        }

        template <class F> void for_each(F&& f) const { queues_.for_each(f); }

    private:
        static constexpr std::size_t of_small = 0;
        static constexpr std::size_t of_main = 1;

        // Shares are fractions of this: beside a number of 28 bits there is room for them in a word.
        static constexpr std::uint64_t whole = std::uint64_t{1} << 32;
        static constexpr std::uint64_t least = whole / 100;
        static constexpr std::uint64_t most = whole / 100 * 90;

        [[nodiscard]] static std::size_t ghosts_for(std::size_t entries) noexcept { return (entries + 1) / 2; }

        /// Two entries more or less for the small queue, times as the other ghosts are more than these.
        void adapt(std::size_t missed_in) noexcept
        {
            auto const these = std::max<std::uint64_t>(1, ghosts_.size(missed_in));
            auto const others = std::max<std::uint64_t>(these, ghosts_.size(1 - missed_in));
            auto const step = 2 * (whole / (queues_.size() + 1) * others / these);
            if (missed_in == of_small) {
                share_ = std::min(share_ + step, most);
            } else {
                share_ = share_ > least + step ? share_ - step : least;
            }
        }

        detail::small_and_main<detail::counted_uses::spaced> queues_;
        detail::ghosts<2, 1> ghosts_;
        std::uint64_t share_ = whole / 10;
        bool full_ = false; ///< Something has been evicted: from then on there are ghosts.
    };
};

} // namespace strata
