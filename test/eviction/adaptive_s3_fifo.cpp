#define BOOST_TEST_MODULE eviction_adaptive_s3_fifo
#include <boost/test/unit_test.hpp>

#include "../support/eviction_load.hpp"
#include "../support/order_model.hpp"

#include <strata/eviction/adaptive_s3_fifo.hpp>
#include <strata/eviction/s3_fifo.hpp>

#include <algorithm>
#include <deque>
#include <vector>

using namespace strata;
using test::hit_rate;

namespace {

/// Ghosts as lists of whole hashes, which the order keeps as fingerprints: exact for caches of these sizes.
class remembered {
public:
    bool take(std::uint64_t hash)
    {
        auto const at = std::find(hashes_.begin(), hashes_.end(), hash);
        if (at == hashes_.end()) return false;
        hashes_.erase(at);
        return true;
    }
    void insert(std::uint64_t hash, std::size_t most)
    {
        hashes_.push_back(hash);
        if (hashes_.size() > most) hashes_.pop_front();
    }
    [[nodiscard]] std::uint64_t size() const { return hashes_.size(); }

private:
    std::deque<std::uint64_t> hashes_;
};

struct adaptive_queues {
    static constexpr std::uint64_t whole = std::uint64_t{1} << 32; ///< What shares are fractions of.

    std::size_t capacity = 0;
    model::queue small, large;
    remembered gone_from_small, gone_from_large;
    std::vector<bool> lately; ///< For each slot; there are slots for the capacity at least, in eights.
    std::size_t swept = 0;
    std::uint64_t share = whole / 10;
    bool remembers = false;

    [[nodiscard]] std::size_t entries() const { return small.size() + large.size(); }
    /// What two entries weigh, times how many of the others there are for each of these.
    [[nodiscard]] std::uint64_t step(remembered const& these, remembered const& others) const
    {
        auto const least = std::max<std::uint64_t>(1, these.size());
        return 2 * (whole / (entries() + 1) * std::max(least, others.size()) / least);
    }

    void inserted(model::entry const& e)
    {
        lately.resize(std::max({lately.size(), (capacity + 7) / 8 * 8, (e.slot + 8) / 8 * 8ul}));
        for (int i = 0; i < 8; ++i) lately[swept++] = false;
        swept %= lately.size();
        lately[e.slot] = true;
        if (gone_from_small.take(e.hash)) {
            share = std::min(share + step(gone_from_small, gone_from_large), whole / 100 * 90);
            large.push(e);
        } else if (gone_from_large.take(e.hash)) {
            share -= std::min(share - whole / 100, step(gone_from_large, gone_from_small));
            large.push(e);
        } else {
            small.push(e);
        }
    }
    void used(model::slot_number slot)
    {
        auto* const e = small.find(slot) != nullptr ? small.find(slot) : large.find(slot);
        if (lately[slot] || e->uses == 3) return;
        ++e->uses;
        lately[slot] = true;
    }
    void removed(model::slot_number slot) { (small.find(slot) != nullptr ? small : large).take(slot); }
    model::slot_number evict()
    {
        auto const most = (entries() + 1) / 2;
        auto const wanted = share * entries();
        // The order has no room for ghosts before it has evicted once.
        bool const remember = std::exchange(remembers, true);
        for (;;) {
            if (small.size() == 0 || (large.size() > 0 && small.size() * whole < wanted)) {
                auto e = large.pop();
                if (e.uses == 0) {
                    if (remember) gone_from_large.insert(e.hash, most);
                    return e.slot;
                }
                --e.uses;
                large.push(e);
            } else {
                auto e = small.pop();
                if (e.uses < 1) {
                    if (remember) gone_from_small.insert(e.hash, most);
                    return e.slot;
                }
                e.uses = 0;
                large.push(e);
            }
        }
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_what_the_model_evicts)
{
    for (std::size_t const capacity : {2u, 3u, 10u, 20u}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            adaptive_queues queues;
            queues.capacity = capacity;
            model::agree<AdaptiveS3Fifo>(queues, capacity, 5000, seed);
        }
    }
}

BOOST_AUTO_TEST_CASE(keeps_what_the_model_keeps) { test::keeps_what_was_inserted<AdaptiveS3Fifo>(); }

BOOST_AUTO_TEST_CASE(takes_uses_in_quick_succession_for_one)
{
    // Sixty keys are asked for again and again; between them, others three times in a row and then never more.
    auto const next = [](int i) { return i % 6 < 3 ? i / 6 * 3 % 60 + i % 3 : 1000 + i / 6; };
    BOOST_TEST(hit_rate<AdaptiveS3Fifo>(70, 60000, next) > hit_rate<S3Fifo>(70, 60000, next) + 0.1);
}

BOOST_AUTO_TEST_CASE(withstands_scans_that_flush_lru)
{
    BOOST_TEST(hit_rate<AdaptiveS3Fifo>(100, 100000, test::scanned) > hit_rate<Lru>(100, 100000, test::scanned));
}

BOOST_AUTO_TEST_CASE(follows_recency_where_that_counts)
{
    int const requests = 400000;
    BOOST_TEST(hit_rate<AdaptiveS3Fifo>(1000, requests, test::recent) >
               hit_rate<Lru>(1000, requests, test::recent) - 0.05);
}

BOOST_AUTO_TEST_CASE(uses_count_again_soon_also_where_there_were_far_more_entries)
{
    constexpr slot_number slots = 64000;
    constexpr slot_number entries = 1000;
    detail::small_and_main<detail::counted_uses::spaced> queues;
    queues.reserve(slots);
    for (slot_number slot = 0; slot < slots; ++slot) queues.insert_small(slot);
    for (slot_number slot = 0; slot < slots - entries; ++slot) BOOST_REQUIRE(queues.pop_small() == slot);
    auto const replace = [&](slot_number count) {
        for (slot_number i = 0; i < count; ++i) queues.insert_small(queues.pop_small());
    };
    replace(entries); // the sweep looks at its pace from time to time
    auto const newest = queues.pop_small();
    queues.insert_small(newest);
    replace(entries / 2);
    queues.use(newest);
    replace(entries / 2 - 1);
    BOOST_TEST(queues.pop_small() == no_slot); // it moves to the main queue
    BOOST_TEST(queues.main_size() == 1u);
    BOOST_TEST(queues.small_size() == entries - 1);
}
