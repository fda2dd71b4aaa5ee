#define BOOST_TEST_MODULE eviction_s3_fifo
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/s3_fifo.hpp>

#include <deque>

namespace {

/// Ghosts as a list of whole hashes.
struct three_queues {
    model::queue small, large;
    std::deque<std::uint64_t> ghosts;
    bool full = false;

    void inserted(model::entry const& e)
    {
        auto const ghost = std::find(ghosts.begin(), ghosts.end(), e.hash);
        if (ghost == ghosts.end()) return small.push(e);
        ghosts.erase(ghost);
        large.push(e);
    }
    void used(model::slot_number slot)
    {
        auto* const e = small.find(slot) != nullptr ? small.find(slot) : large.find(slot);
        e->uses = std::min(e->uses + 1, 3u);
    }
    void removed(model::slot_number slot) { (small.find(slot) != nullptr ? small : large).take(slot); }
    model::slot_number evict()
    {
        auto const entries = small.size() + large.size();
        for (;;) {
            if (large.size() > entries - entries / 10 || small.size() == 0) {
                auto e = large.pop();
                if (e.uses == 0) return e.slot;
                --e.uses;
                large.push(e);
                continue;
            }
            while (small.size() > 0) {
                auto e = small.pop();
                if (e.uses < 2) {
                    // The order has no room for ghosts before it has evicted once.
                    if (std::exchange(full, true)) ghosts.push_back(e.hash);
                    if (ghosts.size() > entries * 9 / 10 + 1) ghosts.pop_front();
                    return e.slot;
                }
                e.uses = 0;
                large.push(e);
            }
        }
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(moves_entries_through_its_queues)
{
    model::agree_everywhere<strata::S3Fifo, three_queues>();
}
