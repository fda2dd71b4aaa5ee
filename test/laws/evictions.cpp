#define BOOST_TEST_MODULE laws_evictions
#include <boost/test/unit_test.hpp>

#include "../support/laws.hpp"

#include <string>

using namespace strata;

namespace {

/// The laws do not depend on what is evicted as long as nothing has to be.
template <class Eviction, class Threads = OneThread> void obeys()
{
    using store = Memory<std::string, std::string, Eviction, Threads>;
    laws::on_memory<stack<store>, store> subject{{}};
    BOOST_TEST_CONTEXT(std::string{name_of<Eviction>().view()}) { laws::obeys_on_objects(subject); }
}

} // namespace

BOOST_AUTO_TEST_CASE(lru) { obeys<Lru>(); }
BOOST_AUTO_TEST_CASE(lfu) { obeys<Lfu>(); }
BOOST_AUTO_TEST_CASE(fifo) { obeys<Fifo>(); }
BOOST_AUTO_TEST_CASE(at_random) { obeys<Random>(); }
BOOST_AUTO_TEST_CASE(sieve) { obeys<Sieve>(); }
BOOST_AUTO_TEST_CASE(s3_fifo) { obeys<S3Fifo>(); }
BOOST_AUTO_TEST_CASE(tiny_lfu) { obeys<TinyLfu>(); }

BOOST_AUTO_TEST_CASE(sharded) { obeys<AdaptiveS3Fifo, Sharded>(); }
BOOST_AUTO_TEST_CASE(sharded_lru) { obeys<Lru, Sharded>(); }
