#define BOOST_TEST_MODULE eviction_random
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/random.hpp>

#include <algorithm>
#include <vector>

using namespace strata;

namespace {

/// The entries without gaps: the last one comes to where one went. Which one goes is drawn from the same bits.
struct drawn {
    std::vector<slot_number> entries;
    detail::random_bits random{0};

    void inserted(model::entry const& e) { entries.push_back(e.slot); }
    void used(slot_number) {}
    void removed(slot_number slot)
    {
        *std::find(entries.begin(), entries.end(), slot) = entries.back();
        entries.pop_back();
    }
    slot_number evict()
    {
        auto const slot = entries[random.below(entries.size())];
        removed(slot);
        return slot;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_what_is_drawn) { model::agree_everywhere<Random, drawn>(); }

BOOST_AUTO_TEST_CASE(evicts_each_that_is_there_about_as_often)
{
    constexpr slot_number slots = 20;
    Random::order order{7};
    order.reserve(slots);
    std::vector<int> evicted(slots);
    for (slot_number slot = 0; slot < slots; ++slot) order.inserted(slot, 0);
    order.removed(3);
    order.removed(19);
    for (int i = 0; i < 18000; ++i) {
        auto const slot = order.evict([](slot_number) { return std::uint64_t{0}; });
        ++evicted[slot];
        order.inserted(slot, 0);
    }
    for (slot_number slot = 0; slot < slots; ++slot) {
        if (slot == 3 || slot == 19) {
            BOOST_TEST(evicted[slot] == 0);
        } else {
            BOOST_TEST(evicted[slot] > 800);
            BOOST_TEST(evicted[slot] < 1200);
        }
    }
}
