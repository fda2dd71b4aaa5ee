#define BOOST_TEST_MODULE layer_lock
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// A mutex that counts, and that notices whether it is taken and given back in turn.
struct counting_mutex {
    static inline int taken = 0;
    static inline bool held = false;

    void lock()
    {
        BOOST_REQUIRE(!held);
        held = true;
        ++taken;
    }
    void unlock()
    {
        BOOST_REQUIRE(held);
        held = false;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(each_request_takes_the_mutex_once)
{
    stack<Memory<>>::with<Prefix>::with<Lock<counting_mutex>> s{Prefix{"p."}};
    int expected = 0;
    auto const once = [&](auto const&) { BOOST_TEST(counting_mutex::taken == ++expected); };
    once(s.put("a", "1"));
    once(s.get("a"));
    once(s.add("a", "1"));
    once(s.contains("a"));
    once(s.touch("a", 1h));
    once(s.put_many({{"a", "1"}, {"b", "2"}}));
    once(s.get_many({"a", "b", "c"}));
    once(s.erase_many({"a", "b"}));
    once(s.erase("a"));
    once(s.size());
    once(s.clear());
    BOOST_CHECK(!counting_mutex::held);
}

BOOST_AUTO_TEST_CASE(user_code_never_runs_under_it)
{
    stack<Memory<>>::with<Lock<counting_mutex>> s;
    auto const value = s.get_or("a", [&] {
        BOOST_CHECK(!counting_mutex::held);
        return s.get_or("b", [] {
            BOOST_CHECK(!counting_mutex::held);
            return std::string{"deep"};
        });
    });
    BOOST_TEST(value == "deep");
    BOOST_TEST(s.get("b").value() == "deep");
}

BOOST_AUTO_TEST_CASE(a_moved_one_is_unlocked)
{
    stack<Memory<>>::with<Lock<>> s;
    BOOST_CHECK(s.put("a", "1"));
    auto t = std::move(s);
    BOOST_CHECK(t.get("a").hit());
    s = std::move(t);
    BOOST_CHECK(s.get("a").hit());
}

BOOST_AUTO_TEST_CASE(threads_share_the_stack)
{
    stack<Memory<>>::with<Lock<>>::with<Stats> s{Memory<>{.max_entries = 50}};
    static_assert(decltype(s)::concurrent);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (unsigned i = 0; i < 4000; ++i) {
                auto const key = std::to_string((i * 7 + t) % 80);
                switch (i % 5) {
                case 0: wrong += !s.put(key, "value of " + key); break;
                case 1: static_cast<void>(s.erase(key)); break;
                case 2:
                    wrong += s.get_or(key, [&] { return "value of " + key; }) != "value of " + key;
                    break;
                default:
                    if (auto const found = s.get(key)) wrong += *found != "value of " + key;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(s.size().value() <= 50u);
}
