#define BOOST_TEST_MODULE eviction_sieve
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/sieve.hpp>

namespace {

/// The queue as an array, the hand as an index into it.
struct hand_over_a_queue {
    model::queue entries;
    std::size_t hand = 0;

    void inserted(model::entry const& e) { entries.push(e); }
    void used(model::slot_number slot) { entries.find(slot)->uses = 1; }
    void removed(model::slot_number slot)
    {
        std::size_t at = 0;
        while (entries[at].slot != slot) ++at;
        entries.take(slot);
        if (at < hand) --hand;
        if (hand >= entries.size()) hand = 0;
    }
    model::slot_number evict()
    {
        for (;; ++hand) {
            if (hand >= entries.size()) hand = 0;
            if (entries[hand].uses == 0) break;
            entries[hand].uses = 0;
        }
        auto const slot = entries[hand].slot;
        entries.take(slot);
        if (hand >= entries.size()) hand = 0; // what comes next is newer than all that the hand has passed
        return slot;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(spares_what_was_used_since_the_hand_came_by)
{
    model::agree_everywhere<strata::Sieve, hand_over_a_queue>();
}
