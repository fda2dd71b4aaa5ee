#define BOOST_TEST_MODULE eviction_fifo
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/fifo.hpp>

namespace {

struct by_arrival {
    model::queue entries;
    void inserted(model::entry const& e) { entries.push(e); }
    void used(model::slot_number) {}
    void removed(model::slot_number slot) { entries.take(slot); }
    model::slot_number evict() { return entries.pop().slot; }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_what_came_first) { model::agree_everywhere<strata::Fifo, by_arrival>(); }
