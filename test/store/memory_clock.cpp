#define BOOST_TEST_MODULE store_memory_clock
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/store/memory.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds day = 24h;

/// An entry as it was put, and whether a clock has since shown a time at which it had ended: then it may be gone, also
/// when the clock is put back.
struct put_entry {
    int value;
    std::int64_t end;
    bool may_be_gone = false;
};

/// Random operations between random jumps of the clock, beside a model. What is served has not ended, but for `late`
/// milliseconds, and what has never ended is served.
template <class Threads>
void jump(std::vector<milliseconds> const& jumps, std::vector<milliseconds> const& lifetimes, std::int64_t late,
          std::uint64_t seed)
{
    using Cache = Memory<int, int, AdaptiveS3Fifo, Threads>;
    ManualClock clock;
    clock.advance(20 * 365 * day); // room to go back
    stack<Cache> cache{Cache{.clock = clock}};
    std::map<int, put_entry> model;
    detail::random_bits random{seed};
    int hits = 0;
    int ended = 0;
    for (int i = 0; i < 20000; ++i) {
        auto const key = static_cast<int>(random.below(100));
        auto const there = model.find(key);
        switch (random.below(8)) {
        case 0: {
            auto const by = jumps[random.below(jumps.size())];
            clock.advance(clock() + by.count() < 0 ? -by : by);
            for (auto& [k, e] : model) e.may_be_gone = e.may_be_gone || clock() >= e.end;
            break;
        }
        case 1:
        case 2: {
            auto const ttl = lifetimes[random.below(lifetimes.size())];
            BOOST_REQUIRE(cache.put(key, i, ttl));
            model[key] = {i, clock() + ttl.count()};
            break;
        }
        case 3:
            BOOST_REQUIRE(cache.put(key, i));
            model[key] = {i, std::numeric_limits<std::int64_t>::max() / 2};
            break;
        case 4:
            if (cache.erase(key).hit()) BOOST_REQUIRE((there != model.end() && clock() < there->second.end + late));
            model.erase(key);
            break;
        default:
            if (auto const found = cache.get(key)) {
                BOOST_REQUIRE((there != model.end()));
                BOOST_REQUIRE(*found == there->second.value);
                BOOST_REQUIRE(clock() < there->second.end + late);
                ++hits;
            } else {
                BOOST_REQUIRE((there == model.end() || there->second.may_be_gone));
                ended += there != model.end() ? 1 : 0;
            }
        }
    }
    BOOST_TEST(hits > 1000);
    BOOST_TEST(ended > 100);
}

template <class Threads> void jump_everywhere()
{
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        jump<Threads>({1ms, 2ms, 5ms, -1ms, -3ms, 100ms, -90ms, 1h, -1h}, {1ms, 2ms, 10ms, 150ms, 2h}, 0, seed);
        // Ends that are days from the base of the deadlines are exact to the second.
        jump<Threads>({1ms, 500ms, day, -day, 13 * day, -14 * day, 400 * day, -390 * day},
                      {1ms, 5min, 2 * day, 13 * day, 30 * day, 1000 * day}, 1000, seed);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(one_thread) { jump_everywhere<OneThread>(); }

BOOST_AUTO_TEST_CASE(sharded) { jump_everywhere<Sharded>(); }
