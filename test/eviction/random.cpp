#define BOOST_TEST_MODULE eviction_random
#include <boost/test/unit_test.hpp>

#include <strata/eviction/random.hpp>

#include <vector>

using namespace strata;

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
