#define BOOST_TEST_MODULE eviction_lfu
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/lfu.hpp>

namespace {

/// Priorities in a wide integer that never wraps.
struct by_priority {
    model::queue entries;
    unsigned age = 0;

    void inserted(model::entry e)
    {
        e.uses = age + 1;
        entries.push(e);
    }
    void used(model::slot_number slot)
    {
        auto e = entries.take(slot);
        e.uses = std::min(e.uses + 1, age + 255);
        entries.push(e);
    }
    void removed(model::slot_number slot) { entries.take(slot); }
    model::slot_number evict()
    {
        std::size_t least = 0;
        for (std::size_t i = 1; i < entries.size(); ++i) {
            if (entries[i].uses < entries[least].uses) least = i;
        }
        age = entries[least].uses;
        return entries.take(entries[least].slot).slot;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_the_lowest_priority) { model::agree_everywhere<strata::Lfu, by_priority>(); }
