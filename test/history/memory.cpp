#define BOOST_TEST_MODULE history_memory
#include <boost/test/unit_test.hpp>

#include "../support/history_run.hpp"

#include <string>

using namespace strata;

BOOST_AUTO_TEST_CASE(under_a_lock)
{
    stack<Memory<>>::with<Prefix>::with<Lock<>> s;
    test::run_history("Memory under a lock", s, true, {}, {}, 4);
}

BOOST_AUTO_TEST_CASE(sharded)
{
    stack<Memory<std::string, std::string, AdaptiveS3Fifo, Sharded>>::with<Prefix>::with<Stats> s;
    static_assert(decltype(s)::concurrent);
    test::run_history("Memory in shards", s, true, {}, {}, 8);
}

BOOST_AUTO_TEST_CASE(sharded_with_evictions)
{
    using store = Memory<std::string, std::string, Lru, Sharded>;
    stack<store> s{store{.max_entries = 3}};
    test::run_history("Memory in shards that evicts", s, false, {}, {}, 8);
}
