#define BOOST_TEST_MODULE layer_coalesce
#include <boost/test/unit_test.hpp>

#include <strata/layer/coalesce.hpp>
#include <strata/strata.hpp>

#include <atomic>
#include <functional>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace strata;

namespace {

using Cache = stack<Memory<>>::with<Serialize<Binary>>::with<Lock<>>::with<Coalesce>::with<Stats>;

/// Runs `work(i)` in as many threads, which start together.
void together(int threads, std::function<void(int)> const& work)
{
    std::latch start{threads};
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&, i] {
            start.arrive_and_wait();
            work(i);
        });
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(one_computation_for_all_who_miss)
{
    Cache cache;
    for (int round = 0; round < 200; ++round) {
        std::atomic<int> computed = 0;
        std::atomic<int> right = 0;
        auto slow = memoize(cache, "round" + std::to_string(round), [&computed](int n) {
            ++computed;
            std::this_thread::yield();
            return std::to_string(n);
        });
        together(8, [&](int) { right += slow(7) == "7"; });
        BOOST_REQUIRE_EQUAL(computed, 1);
        BOOST_REQUIRE_EQUAL(right, 8);
    }
}

BOOST_AUTO_TEST_CASE(other_keys_do_not_wait)
{
    Cache cache;
    std::latch both{2}; // a computation that waited for the other would never end
    together(2, [&](int i) {
        cache.get_or(i, [&] {
            both.arrive_and_wait();
            return i;
        });
    });
    BOOST_CHECK(cache.get<int>(0).value() == 0 && cache.get<int>(1).value() == 1);
}

BOOST_AUTO_TEST_CASE(an_exception_reaches_every_waiter)
{
    Cache cache;
    for (int round = 0; round < 100; ++round) {
        std::atomic<int> thrown = 0;
        together(4, [&](int) {
            try {
                cache.get_or("key", []() -> int { throw std::runtime_error{"no"}; });
            } catch (std::runtime_error const&) {
                ++thrown;
            }
        });
        BOOST_REQUIRE_EQUAL(thrown, 4);
        BOOST_REQUIRE(cache.contains("key").miss());
    }
    BOOST_CHECK(cache.get_or("key", [] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(recursion_in_one_thread)
{
    Cache cache;
    std::function<long(int)> again;
    int calls = 0;
    auto fib = memoize(cache, "fib.", [&](int n) {
        ++calls;
        return n < 2 ? n : again(n - 1) + again(n - 2);
    });
    again = [&](int n) { return fib(n); };
    BOOST_CHECK(fib(80) == 23416728348467685);
    BOOST_CHECK(calls == 81);
    BOOST_CHECK(cache.layer<Stats>().gets() == 159); // each call asks once
    BOOST_CHECK(cache.layer<Stats>().puts() == 81);

    int depth = 0;
    auto itself = memoize(cache, "itself.", [&](int n) { return ++depth < 3 ? static_cast<int>(again(n)) : depth; });
    again = [&](int n) { return itself(n); };
    BOOST_CHECK(itself(1) == 3);
}

BOOST_AUTO_TEST_CASE(threads_that_need_each_other)
{
    for (int round = 0; round < 100; ++round) {
        Cache cache;
        std::latch both{2};
        together(2, [&](int i) { // each computes one key and then needs the other's
            cache.get_or(i, [&] {
                both.arrive_and_wait();
                return 10 + cache.get_or(1 - i, [&] { return 1 - i; });
            });
        });
        BOOST_REQUIRE(cache.contains(0) && cache.contains(1));
    }
}

BOOST_AUTO_TEST_CASE(many_threads_and_keys)
{
    Cache cache;
    std::atomic<int> wrong = 0;
    std::function<long(int)> again;
    auto fib = memoize(cache, "fib.", [&](int n) -> long { return n < 2 ? n : again(n - 1) + again(n - 2); });
    again = [&](int n) { return fib(n); };
    together(8, [&](int i) {
        for (int n = 0; n < 60; ++n) wrong += fib((n * 7 + i) % 60) < 0;
    });
    BOOST_CHECK(wrong == 0);
    BOOST_CHECK(fib(59) == 956722026041);
}

BOOST_AUTO_TEST_CASE(types_of_one_key_are_apart)
{
    Cache cache;
    BOOST_CHECK(cache.get_or("key", [&] { return std::to_string(cache.get_or("key", [] { return 5; })); }) == "5");
}

BOOST_AUTO_TEST_CASE(keys_of_objects)
{
    stack<Memory<int, long>>::with<Coalesce> cache;
    BOOST_CHECK(cache.get_or(1, [] { return 5L; }) == 5);
    BOOST_CHECK(cache.get_or(1, [] { return 6L; }) == 5);
    auto moved = std::move(cache);
    BOOST_CHECK(moved.get_or(1, [] { return 6L; }) == 5);
    static_assert(stack<Memory<>>::with<Coalesce>::describe() == "Memory | Coalesce");
}
