#define BOOST_TEST_MODULE eviction_lru
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/lru.hpp>

namespace {

struct by_last_use {
    model::queue entries;
    void inserted(model::entry const& e) { entries.push(e); }
    void used(model::slot_number slot) { entries.push(entries.take(slot)); }
    void removed(model::slot_number slot) { entries.take(slot); }
    model::slot_number evict() { return entries.pop().slot; }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_what_was_used_longest_ago) { model::agree_everywhere<strata::Lru, by_last_use>(); }
