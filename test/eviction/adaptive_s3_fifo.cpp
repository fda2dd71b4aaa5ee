#define BOOST_TEST_MODULE eviction_adaptive_s3_fifo
#include <boost/test/unit_test.hpp>

#include "../support/eviction_load.hpp"

#include <strata/eviction/adaptive_s3_fifo.hpp>

using namespace strata;
using test::hit_rate;

BOOST_AUTO_TEST_CASE(keeps_what_the_model_keeps) { test::keeps_what_was_inserted<AdaptiveS3Fifo>(); }

BOOST_AUTO_TEST_CASE(withstands_scans_that_flush_lru)
{
    BOOST_TEST(hit_rate<AdaptiveS3Fifo>(100, 100000, test::scanned) > hit_rate<Lru>(100, 100000, test::scanned));
}

BOOST_AUTO_TEST_CASE(follows_recency_where_that_counts)
{
    int const requests = 400000;
    BOOST_TEST(hit_rate<AdaptiveS3Fifo>(1000, requests, test::recent) > hit_rate<Lru>(1000, requests, test::recent) - 0.05);
}
