// What the umbrella header brings, and what it does not: it is included first, before anything that needs a library.
#include <strata/strata.hpp>

#include <string>

namespace {

#ifdef HIREDIS_MAJOR
constexpr bool brings_hiredis = true;
#else
constexpr bool brings_hiredis = false;
#endif
#ifdef LIBMEMCACHED_VERSION_STRING
constexpr bool brings_libmemcached = true;
#else
constexpr bool brings_libmemcached = false;
#endif
#ifdef BOTAN_VERSION_MAJOR
constexpr bool brings_botan = true;
#else
constexpr bool brings_botan = false;
#endif
#ifdef BOOST_JSON_VALUE_HPP
constexpr bool brings_boost_json = true;
#else
constexpr bool brings_boost_json = false;
#endif
#ifdef ZSTD_VERSION_MAJOR
constexpr bool brings_zstd = true;
#else
constexpr bool brings_zstd = false;
#endif
#ifdef LZ4_VERSION_MAJOR
constexpr bool brings_lz4 = true;
#else
constexpr bool brings_lz4 = false;
#endif

// All stores, evictions, formats and layers that need no library.
template <class Eviction> using bounded = strata::Memory<std::string, std::string, Eviction, strata::Sharded>;
using everything = strata::stack<strata::Memory<>>::with<strata::Coalesce>::with<strata::Prefix>::with<
    strata::FixedPrefix<"f.">>::with<strata::Serialize<strata::Binary>>::with<strata::Stats>::with<strata::Lock<>>;

/// A value is got from under all layers, from each eviction, and through a memoized function.
bool it_works()
{
    everything cache{strata::Prefix{"p."}};
    int made = 0;
    auto twice = strata::memoize(cache, "twice.", [&](int n) { return ++made, 2 * n; });
    bool good = twice(4) == 8 && twice(4) == 8 && made == 1;
    auto const keeps = [&]<class Eviction>(Eviction const&) {
        strata::stack<bounded<Eviction>> each{bounded<Eviction>{.max_entries = 100}};
        good = good && each.put("key", "value") && each.get("key").value() == "value";
    };
    keeps(strata::AdaptiveS3Fifo{});
    keeps(strata::Fifo{});
    keeps(strata::Lfu{});
    keeps(strata::Lru{});
    keeps(strata::Random{});
    keeps(strata::S3Fifo{});
    keeps(strata::Sieve{});
    keeps(strata::TinyLfu{});
    strata::stack<strata::Null>::with<strata::Serialize<strata::MsgPack>> none;
    strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Raw>> raw;
    return good && none.put("key", 1) && none.get<int>("key").miss() && raw.put("key", 1) && *raw.get<int>("key") == 1;
}

} // namespace

#include <strata/compress.hpp>
#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>

// These are the marks of the libraries: their own headers leave them.
#if !defined(HIREDIS_MAJOR) || !defined(LIBMEMCACHED_VERSION_STRING) || !defined(BOTAN_VERSION_MAJOR) || \
    !defined(BOOST_JSON_VALUE_HPP) || !defined(ZSTD_VERSION_MAJOR) || !defined(LZ4_VERSION_MAJOR)
#error "a library is known by another macro than this test looks for"
#endif

#define BOOST_TEST_MODULE core_strata
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_CASE(it_brings_all_that_needs_no_library) { BOOST_CHECK(it_works()); }

BOOST_AUTO_TEST_CASE(it_needs_no_library)
{
    BOOST_CHECK(!brings_hiredis);
    BOOST_CHECK(!brings_libmemcached);
    BOOST_CHECK(!brings_botan);
    BOOST_CHECK(!brings_boost_json);
    BOOST_CHECK(!brings_zstd);
    BOOST_CHECK(!brings_lz4);
}
