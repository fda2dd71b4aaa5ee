#include <strata/strata.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

/// All operations of a `Memory`, for `tools/one_thread` to look at their instructions.
template <class Cache> std::size_t use(stack<Cache>& cache, std::vector<typename Cache::key> const& keys)
{
    auto const& key = keys.front();
    typename Cache::value const value{};
    std::size_t done = 0;
    auto const count = [&](auto const& result) { done += result ? 1u : 0u; };
    count(cache.put(key, value));
    count(cache.put(key, value, 1s));
    count(cache.add(key, value));
    count(cache.get(key));
    count(cache.visit(key, [](auto const&) {}));
    count(cache.contains(key));
    count(cache.touch(key, 1h));
    count(cache.erase(key));
    for (auto const& result : cache.get_many(keys)) count(result);
    for (auto const& result : cache.erase_many(keys)) count(result);
    auto& store = cache.template layer<Cache>();
    store.for_each([&](auto const&, auto const&) { ++done; });
    store.resize(done);
    store.remove_expired();
    count(cache.clear());
    return done + store.statistics().bytes();
}

template <class Value, class Eviction> using cache_of = Memory<Value, Value, Eviction, THREADS>;

// Instantiated, and never called: stores are made elsewhere.
#define STRATA_USE(Value, Eviction)                                                                                    \
    template std::size_t use<cache_of<Value, Eviction>>(stack<cache_of<Value, Eviction>>&, std::vector<Value> const&);
#define STRATA_USE_BOTH(Eviction) STRATA_USE(std::uint64_t, Eviction) STRATA_USE(std::string, Eviction)

STRATA_USE_BOTH(AdaptiveS3Fifo)
STRATA_USE_BOTH(S3Fifo)
STRATA_USE_BOTH(Sieve)
STRATA_USE_BOTH(TinyLfu)
STRATA_USE_BOTH(Lru)
STRATA_USE_BOTH(Lfu)
STRATA_USE_BOTH(Fifo)
STRATA_USE_BOTH(Random)
