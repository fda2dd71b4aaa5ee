#define BOOST_TEST_MODULE laws_null
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include "../support/laws/subject.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// The laws of a store that holds nothing, on any stack over it.
template <class Stack, class... Given> void holds_nothing(Given... given)
{
    BOOST_TEST_CONTEXT("stack: " << std::string{Stack::describe()})
    {
        Stack s{std::move(given)...};
        std::string out = "before";
        for (std::string const key : {"", "a", "\n"}) {
            BOOST_CHECK(s.put(key, "value"));
            BOOST_CHECK(s.add(key, "value", 1h));
            BOOST_CHECK(s.add(key, "value", forever));
            BOOST_CHECK(s.get(key).miss());
            BOOST_CHECK(s.get_to(key, out).miss());
            BOOST_CHECK(out == "before");
            BOOST_CHECK(s.contains(key).miss());
            BOOST_CHECK(s.touch(key, 1h).miss());
            BOOST_CHECK(s.erase(key).miss());
            BOOST_CHECK(s.put(key, "value", 0s).error() == std::errc::invalid_argument);
            BOOST_CHECK(s.add(key, "value", -1s).error() == std::errc::invalid_argument);
            BOOST_CHECK(s.touch(key, 0s).error() == std::errc::invalid_argument);
        }

        int made = 0;
        for (int n = 1; n < 4; ++n) {
            BOOST_CHECK(s.get_or("k", [&] { return std::to_string(++made); }) == std::to_string(n));
        }
        BOOST_CHECK_THROW(s.get_or("k", []() -> std::string { throw std::runtime_error{"no"}; }), std::runtime_error);

        auto const stored = s.put_many({{"a", "1"}, {"b", "2"}});
        BOOST_CHECK(stored.size() == 2 && stored[0] && stored[1]);
        auto const found = s.get_many({"a", "b", "a"});
        BOOST_REQUIRE(found.size() == 3);
        for (auto const& one : found) BOOST_CHECK(one.miss());
        auto const erased = s.erase_many({"a", "b"});
        BOOST_REQUIRE(erased.size() == 2);
        for (auto const& one : erased) BOOST_CHECK(one.miss());

        BOOST_CHECK(s.clear());
        BOOST_CHECK(s.size().value() == 0u);
        Stack t = std::move(s);
        BOOST_CHECK(t.put("a", "1"));
        BOOST_CHECK(t.get("a").miss());
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(null_holds_nothing)
{
    static_assert(stack<Null>::concurrent);
    holds_nothing<stack<Null>>();
    holds_nothing<stack<Null>::with<Prefix>>(Prefix{"p."});
    holds_nothing<stack<Null>::with<FixedPrefix<"p.">>::with<Stats>>();
    holds_nothing<stack<Null>::with<Lock<>>::with<Stats>::with<Prefix>>();
}
