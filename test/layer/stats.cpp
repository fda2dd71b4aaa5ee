#define BOOST_TEST_MODULE layer_stats
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include "../support/faulty.hpp"

#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

void expect(Stats::counters const& is, Stats::counters const& wanted)
{
    BOOST_TEST(is.gets == wanted.gets);
    BOOST_TEST(is.hits == wanted.hits);
    BOOST_TEST(is.misses == wanted.misses);
    BOOST_TEST(is.failures == wanted.failures);
    BOOST_TEST(is.puts == wanted.puts);
    BOOST_TEST(is.erases == wanted.erases);
}

} // namespace

BOOST_AUTO_TEST_CASE(it_counts_what_passes)
{
    stack<Memory<>>::with<Stats> s;
    auto& stats = s.layer<Stats>();
    BOOST_TEST(stats.hit_rate() == 0.0);
    expect(stats.snapshot(), {});

    static_cast<void>(s.get("a"));
    static_cast<void>(s.put("a", "1"));
    static_cast<void>(s.get("a"));
    static_cast<void>(s.get("a"));
    static_cast<void>(s.get("b"));
    expect(stats.snapshot(), {.gets = 4, .hits = 2, .misses = 2, .puts = 1});
    BOOST_TEST(stats.hit_rate() == 0.5);
    BOOST_TEST(stats.snapshot().hit_rate() == 0.5);

    static_cast<void>(s.add("a", "2")); // it is there: neither a put nor a failure
    static_cast<void>(s.add("c", "3"));
    static_cast<void>(s.erase("a"));
    static_cast<void>(s.erase("a"));
    static_cast<void>(s.contains("c"));
    static_cast<void>(s.touch("c", 1h));
    static_cast<void>(s.clear());
    static_cast<void>(s.size());
    expect(stats.snapshot(), {.gets = 4, .hits = 2, .misses = 2, .puts = 2, .erases = 1});
    BOOST_TEST(stats.gets() == 4u);
    BOOST_TEST(stats.hits() == 2u);
    BOOST_TEST(stats.misses() == 2u);
    BOOST_TEST(stats.puts() == 2u);
    BOOST_TEST(stats.erases() == 1u);
    BOOST_TEST(stats.failures() == 0u);

    stats.reset();
    expect(stats.snapshot(), {});
    BOOST_TEST(stats.hit_rate() == 0.0);
}

BOOST_AUTO_TEST_CASE(each_key_of_a_batch_counts_as_one)
{
    stack<Memory<>>::with<Stats> s;
    static_cast<void>(s.put_many({{"a", "1"}, {"b", "2"}}));
    static_cast<void>(s.get_many({"a", "b", "c", "a"}));
    static_cast<void>(s.erase_many({"a", "c"}));
    expect(s.layer<Stats>().snapshot(), {.gets = 4, .hits = 3, .misses = 1, .puts = 2, .erases = 1});
}

BOOST_AUTO_TEST_CASE(failures_are_counted_apart)
{
    Faults faults;
    stack<Memory<>>::with<Faulty>::with<Stats> s{Faulty{faults}};
    static_cast<void>(s.put("a", "1"));
    faults.fail(Faults::all);
    static_cast<void>(s.get("a"));
    static_cast<void>(s.get("b"));
    static_cast<void>(s.put("a", "2"));
    static_cast<void>(s.add("b", "2"));
    static_cast<void>(s.erase("a"));
    static_cast<void>(s.contains("a"));
    static_cast<void>(s.touch("a", 1h));
    expect(s.layer<Stats>().snapshot(), {.gets = 2, .failures = 7, .puts = 1});
    BOOST_TEST(s.layer<Stats>().hit_rate() == 0.0);
    faults.fail(Faults::get, errc::corrupt, 1);
    static_cast<void>(s.get_many({"a", "a", "b"}));
    expect(s.layer<Stats>().snapshot(), {.gets = 5, .hits = 1, .misses = 1, .failures = 8, .puts = 1});
}

BOOST_AUTO_TEST_CASE(refused_before_the_way_down_is_not_counted)
{
    stack<Memory<>>::with<Stats> s;
    static_cast<void>(s.put("a", "1", 0s));
    static_cast<void>(s.touch("a", -1s));
    expect(s.layer<Stats>().snapshot(), {});
}

BOOST_AUTO_TEST_CASE(two_count_what_is_beneath_each)
{
    Faults faults;
    stack<Memory<>>::with<Stats>::with<Faulty>::with<Stats> s{Faulty{faults}};
    static_cast<void>(s.get("a"));
    faults.fail(Faults::get);
    static_cast<void>(s.get("a"));
    expect(s.layer<Stats>().snapshot(), {.gets = 2, .misses = 1, .failures = 1});
    expect(s.layer<Stats, 1>().snapshot(), {.gets = 1, .misses = 1});
}

BOOST_AUTO_TEST_CASE(it_loses_no_count_among_threads)
{
    stack<Null>::with<Stats> free;
    stack<Memory<>>::with<Lock<>>::with<Stats> outside;
    stack<Memory<>>::with<Stats>::with<Lock<>> inside;
    constexpr std::uint64_t rounds = 5000;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (std::uint64_t i = 0; i < rounds; ++i) {
                static_cast<void>(free.get("a"));
                static_cast<void>(outside.get("a"));
                static_cast<void>(inside.get("a"));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    expect(free.layer<Stats>().snapshot(), {.gets = 4 * rounds, .misses = 4 * rounds});
    expect(outside.layer<Stats>().snapshot(), {.gets = 4 * rounds, .misses = 4 * rounds});
    expect(inside.layer<Stats>().snapshot(), {.gets = 4 * rounds, .misses = 4 * rounds});
}
