#pragma once

#include "subject.hpp"

#include <functional>
#include <stdexcept>
#include <system_error>

/// The laws of the operations on one key.
namespace laws {

/// Keys that were never put miss, in every operation that asks.
template <class Subject> void a_miss_is_a_miss(Subject& subject)
{
    auto s = subject.fresh();
    auto const key = subject.key(1);
    auto const found = got(subject, s, key);
    BOOST_CHECK(found.miss() && !found.hit() && !found.failed() && !found);
    BOOST_CHECK(found.error() == std::error_code{});
    BOOST_CHECK_THROW(static_cast<void>(found.value()), strata::missing);
    BOOST_CHECK(found.value_or(subject.value(7)) == subject.value(7));
    BOOST_CHECK(s.contains(key).miss());
    BOOST_CHECK(s.erase(key).miss());
    BOOST_CHECK(s.touch(key, std::chrono::hours{1}).miss());
    BOOST_CHECK(got(subject, s, key).miss());
}

/// What is put is got, as often as asked, and nothing else is.
template <class Subject> void what_is_put_is_got(Subject& subject)
{
    auto s = subject.fresh();
    for (int n = 0; n < 20; ++n) BOOST_REQUIRE(s.put(subject.key(n), subject.value(n)));
    for (int n = 19; n >= 0; --n) {
        auto const found = got(subject, s, subject.key(n));
        BOOST_REQUIRE(found);
        BOOST_CHECK(found.hit() && !found.miss() && !found.failed());
        BOOST_CHECK(*found == subject.value(n));
        BOOST_CHECK(found.value() == subject.value(n));
        BOOST_CHECK(found.value_or(subject.value(50)) == subject.value(n));
        BOOST_CHECK(s.contains(subject.key(n)).hit());
    }
    BOOST_CHECK(got(subject, s, subject.key(20)).miss());
}

template <class Subject> void a_second_put_replaces(Subject& subject)
{
    auto s = subject.fresh();
    for (int n : {1, 2, 3, 1}) {
        BOOST_REQUIRE(s.put(subject.key(0), subject.value(n)));
        auto const found = got(subject, s, subject.key(0));
        BOOST_REQUIRE(found);
        BOOST_CHECK(*found == subject.value(n));
    }
    BOOST_REQUIRE(s.erase(subject.key(0)).hit());
    BOOST_CHECK(got(subject, s, subject.key(0)).miss());
}

/// A value stays the caller's until the stack is given it by move; then it may be used again after an assignment.
template <class Subject> void put_takes_values_and_references(Subject& subject)
{
    auto s = subject.fresh();
    auto value = subject.value(1);
    BOOST_REQUIRE(s.put(subject.key(1), value));
    BOOST_CHECK(value == subject.value(1));
    BOOST_REQUIRE(s.put(subject.key(2), std::move(value)));
    value = subject.value(3);
    BOOST_REQUIRE(s.put(subject.key(3), std::as_const(value)));
    for (auto [key, expected] : {std::pair{1, 1}, {2, 1}, {3, 3}}) {
        auto const found = got(subject, s, subject.key(key));
        BOOST_REQUIRE(found);
        BOOST_CHECK(*found == subject.value(expected));
    }
}

template <class Subject> void get_to_leaves_its_target_unless_it_hits(Subject& subject)
{
    auto s = subject.fresh();
    auto out = subject.value(9);
    BOOST_CHECK(s.get_to(subject.key(1), out).miss());
    BOOST_CHECK(out == subject.value(9));
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1)));
    BOOST_CHECK(s.get_to(subject.key(1), out).hit());
    BOOST_CHECK(out == subject.value(1));
    BOOST_CHECK(s.get_to(subject.key(2), out).miss());
    BOOST_CHECK(out == subject.value(1));
}

template <class Subject> void add_stores_only_where_there_is_nothing(Subject& subject)
{
    auto s = subject.fresh();
    auto const key = subject.key(1);
    BOOST_REQUIRE(s.add(key, subject.value(1)));
    auto const again = s.add(key, subject.value(2));
    BOOST_CHECK(!again);
    BOOST_CHECK(again.error() == strata::errc::exists);
    BOOST_CHECK(got(subject, s, key).value() == subject.value(1));
    BOOST_REQUIRE(s.erase(key).hit());
    BOOST_REQUIRE(s.add(key, subject.value(3), std::chrono::hours{1}));
    BOOST_CHECK(got(subject, s, key).value() == subject.value(3));
    BOOST_REQUIRE(s.put(key, subject.value(4)));
    BOOST_CHECK(s.add(key, subject.value(5), strata::forever).error() == strata::errc::exists);
    BOOST_CHECK(got(subject, s, key).value() == subject.value(4));
}

template <class Subject> void erase_removes_one_entry(Subject& subject)
{
    auto s = subject.fresh();
    for (int n : {1, 2}) BOOST_REQUIRE(s.put(subject.key(n), subject.value(n)));
    BOOST_CHECK(s.erase(subject.key(1)).hit());
    BOOST_CHECK(got(subject, s, subject.key(1)).miss());
    BOOST_CHECK(s.contains(subject.key(1)).miss());
    BOOST_CHECK(s.erase(subject.key(1)).miss());
    BOOST_CHECK(got(subject, s, subject.key(2)).hit());
}

/// `get_or` gives what there is, or makes it, stores it and gives that.
template <class Subject> void get_or_makes_what_is_missing(Subject& subject)
{
    auto s = subject.fresh();
    int made = 0;
    auto const make = [&] {
        ++made;
        return subject.value(made);
    };
    for (int round = 0; round < 3; ++round) {
        BOOST_CHECK(s.get_or(subject.key(1), make) == subject.value(1));
        BOOST_CHECK(made == 1);
    }
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
    BOOST_REQUIRE(s.erase(subject.key(1)).hit());
    BOOST_CHECK(s.get_or(subject.key(1), make, std::chrono::hours{1}) == subject.value(2));
    BOOST_CHECK(made == 2);
}

/// What `make` throws reaches the caller as it is, and nothing is stored.
template <class Subject> void get_or_stores_nothing_when_make_throws(Subject& subject)
{
    struct refusal {
        int number;
    };
    auto s = subject.fresh();
    auto const refuse = [&]() -> typename Subject::value_type { throw refusal{42}; };
    BOOST_CHECK_EXCEPTION(s.get_or(subject.key(1), refuse), refusal,
                          [](refusal const& caught) { return caught.number == 42; });
    BOOST_CHECK(s.contains(subject.key(1)).miss());
    BOOST_CHECK(s.get_or(subject.key(1), [&] { return subject.value(1); }) == subject.value(1));
}

/// `make` may use the stack itself.
template <class Subject> void get_or_nests(Subject& subject)
{
    auto s = subject.fresh();
    std::function<typename Subject::value_type(int)> const deep = [&](int n) {
        return s.get_or(subject.key(n), [&] {
            if (n > 0) BOOST_CHECK(deep(n - 1) == subject.value(n - 1));
            return subject.value(n);
        });
    };
    BOOST_CHECK(deep(8) == subject.value(8));
    for (int n = 0; n <= 8; ++n) BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));
}

/// A moved stack works, with its entries; the one that it was moved from can be given another.
template <class Subject> void a_moved_stack_works(Subject& subject)
{
    auto first = subject.fresh();
    for (int n = 0; n < 5; ++n) BOOST_REQUIRE(first.put(subject.key(n), subject.value(n)));
    auto second = std::move(first);
    for (int n = 0; n < 5; ++n) BOOST_CHECK(got(subject, second, subject.key(n)).value() == subject.value(n));
    BOOST_REQUIRE(second.put(subject.key(5), subject.value(5)));
    BOOST_CHECK(second.erase(subject.key(0)).hit());
    first = std::move(second);
    for (int n = 1; n < 6; ++n) BOOST_CHECK(got(subject, first, subject.key(n)).value() == subject.value(n));
    BOOST_CHECK(got(subject, first, subject.key(0)).miss());
    BOOST_REQUIRE(first.put(subject.key(0), subject.value(6)));
    BOOST_CHECK(got(subject, first, subject.key(0)).value() == subject.value(6));
}

} // namespace laws
