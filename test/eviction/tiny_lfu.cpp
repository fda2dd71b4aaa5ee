#define BOOST_TEST_MODULE eviction_tiny_lfu
#include <boost/test/unit_test.hpp>

#include "../support/eviction_load.hpp"

#include <strata/eviction/tiny_lfu.hpp>

using namespace strata;
using test::hit_rate;

BOOST_AUTO_TEST_CASE(keeps_what_the_model_keeps) { test::keeps_what_was_inserted<TinyLfu>(); }

BOOST_AUTO_TEST_CASE(withstands_scans_that_flush_lru)
{
    BOOST_TEST(hit_rate<TinyLfu>(100, 100000, test::scanned) > hit_rate<Lru>(100, 100000, test::scanned));
}

BOOST_AUTO_TEST_CASE(follows_recency_where_that_counts)
{
    int const requests = 1600000;
    double sum = 0; // how long the window takes to grow depends on the seed of the hash
    for (int i = 0; i < 4; ++i) sum += hit_rate<TinyLfu>(1000, requests, test::recent);
    BOOST_TEST(sum / 4 > hit_rate<Lru>(1000, requests, test::recent) - 0.15);
}
