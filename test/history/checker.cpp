#define BOOST_TEST_MODULE history_checker
#include <boost/test/unit_test.hpp>

#include "../support/history_run.hpp"

#include <string>

using namespace strata;
using test::event;

namespace {

test::history::verdict judge(std::vector<event> const& events, bool entries_stay = true)
{
    test::history all;
    all.add(events);
    return all.judge(entries_stay);
}

event wrote(std::uint64_t value, event::time start, event::time end, bool certain = true)
{
    return {event::write, 1, value, start, end, certain};
}
event saw(std::uint64_t value, event::time start, event::time end) { return {event::read, 1, value, start, end}; }
event removed(event::time start, event::time end, bool certain = true)
{
    return {event::removal, 1, 0, start, end, certain};
}

} // namespace

// A checker that finds nothing proves nothing: here is what it finds, and what it lets pass.

BOOST_AUTO_TEST_CASE(values_come_from_writes)
{
    BOOST_TEST(judge({wrote(7, 10, 20), saw(7, 30, 40)}).impossible() == 0u);
    BOOST_TEST(judge({wrote(7, 10, 20), saw(7, 12, 15)}).impossible() == 0u); // at the same time
    BOOST_TEST(judge({wrote(7, 10, 20), saw(8, 30, 40)}).unwritten == 1u);
    BOOST_TEST(judge({wrote(7, 50, 60), saw(7, 30, 40)}).unwritten == 1u); // of the future
    BOOST_TEST(judge({{event::write, 2, 7, 10, 20, true}, saw(7, 30, 40)}).unwritten == 1u); // of another key
}

BOOST_AUTO_TEST_CASE(replaced_values_do_not_come_back)
{
    BOOST_TEST(judge({wrote(1, 0, 10), wrote(2, 20, 30), saw(1, 40, 50)}).replaced == 1u);
    BOOST_TEST(judge({wrote(1, 0, 10), wrote(2, 20, 30), saw(1, 25, 50)}).impossible() == 0u);
    BOOST_TEST(judge({wrote(1, 0, 25), wrote(2, 20, 30), saw(1, 40, 50)}).impossible() == 0u); // either may be last
    BOOST_TEST(judge({wrote(1, 0, 10), removed(20, 30), saw(1, 40, 50)}).replaced == 1u);
    BOOST_TEST(judge({wrote(1, 0, 10), saw(0, 20, 30), saw(1, 40, 50)}, false).replaced == 1u);
}

BOOST_AUTO_TEST_CASE(what_failed_may_have_been_done_at_any_time)
{
    BOOST_TEST(judge({wrote(1, 0, 10, false), wrote(2, 20, 30), saw(1, 40, 50)}).impossible() == 0u);
    BOOST_TEST(judge({wrote(1, 0, 10), wrote(2, 20, 30, false), saw(1, 40, 50)}).impossible() == 0u);
    BOOST_TEST(judge({wrote(1, 0, 10), removed(20, 30, false), saw(1, 40, 50), saw(0, 60, 70)}).impossible() == 0u);
    // but not after somebody has seen it
    BOOST_TEST(judge({wrote(1, 0, 10), wrote(2, 20, 30, false), saw(2, 40, 50), saw(1, 60, 70)}).replaced == 1u);
}

BOOST_AUTO_TEST_CASE(entries_do_not_vanish)
{
    BOOST_TEST(judge({wrote(1, 0, 10), saw(0, 20, 30)}).lost == 1u);
    BOOST_TEST(judge({wrote(1, 0, 10), saw(0, 20, 30)}, false).impossible() == 0u);
    BOOST_TEST(judge({wrote(1, 0, 10), saw(0, 5, 30)}).impossible() == 0u);
    BOOST_TEST(judge({wrote(1, 0, 10), removed(5, 12), saw(0, 20, 30)}).impossible() == 0u);
    BOOST_TEST(judge({removed(0, 5), wrote(1, 8, 10), saw(0, 20, 30)}).lost == 1u);
    BOOST_TEST(judge({wrote(1, 0, 10, false), saw(0, 20, 30)}).impossible() == 0u);
}

BOOST_AUTO_TEST_CASE(values_name_themselves)
{
    for (std::uint64_t const value : {1ull, 13ull, 199ull, 1ull << 40}) {
        std::string const text = test::text_of(3, value);
        BOOST_TEST(test::value_in(3, text) == value);
        BOOST_TEST(test::value_in(4, text) == 0u);
        BOOST_TEST(test::value_in(3, text + "x") == 0u);
        BOOST_TEST(test::value_in(3, text.substr(0, text.size() - 1)) == 0u);
    }
    BOOST_TEST(test::value_in(3, "") == 0u);
}

namespace {

/// Keeps the first value of each key: a cache that forgets to replace.
struct Stale {
    template <class Next> struct on {
        static constexpr bool takes_over = true;
        bool late = false;

        void run(asks<op::put> auto const& r, Next& next)
        {
            late = !late;
            if (late) return next.run(r);
            for (std::size_t i = 0; i < r.keys.size(); ++i) r.sink.hit(i);
        }
    };
};

} // namespace

BOOST_AUTO_TEST_CASE(a_store_that_forgets_a_write_is_caught)
{
    stack<Memory<>>::with<Stale>::with<Lock<>> s;
    test::history_writer writer{s, 1};
    std::atomic<bool> stop = false;
    std::thread running{[&] { writer.run(stop); }};
    BOOST_CHECK(test::wait_until([&] { return s.size().value_or(0u) > 0; }));
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    stop = true;
    running.join();
    test::history all;
    all.add(writer.events);
    BOOST_TEST(all.judge(true).impossible() > 0u);
}
