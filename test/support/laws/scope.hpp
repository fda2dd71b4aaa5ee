#pragma once

#include "subject.hpp"

/// The laws of `clear()` and `size()`, and of stacks that share a store.
namespace laws {

template <class Subject> void clear_and_size_keep_their_word(Subject& subject)
{
    auto s = subject.fresh();
    for (int n = 0; n < 10; ++n) BOOST_REQUIRE(s.put(subject.key(n), subject.value(n)));
    auto const before = s.size();
    auto const cleared = s.clear();
    auto const after = s.size();
    if (subject.can.scope == scoping::unsupported) {
        BOOST_CHECK(before.failed() && before.error() == strata::errc::unsupported);
        BOOST_CHECK(!cleared && cleared.error() == strata::errc::unsupported);
        BOOST_CHECK(after.failed());
        for (int n = 0; n < 10; ++n) BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));
        return;
    }
    BOOST_REQUIRE(before.hit());
    BOOST_CHECK(*before == 10u);
    BOOST_CHECK(cleared);
    BOOST_REQUIRE(after.hit());
    BOOST_CHECK(*after == 0u);
    for (int n = 0; n < 10; ++n) BOOST_CHECK(got(subject, s, subject.key(n)).miss());
    BOOST_CHECK(s.clear());
    BOOST_REQUIRE(s.put(subject.key(3), subject.value(4)));
    BOOST_CHECK(got(subject, s, subject.key(3)).value() == subject.value(4));
    BOOST_CHECK(s.size().value() == 1u);
    BOOST_REQUIRE(s.put(subject.key(3), subject.value(5)));
    BOOST_CHECK(s.size().value() == 1u);
    BOOST_CHECK(s.erase(subject.key(3)).hit());
    BOOST_CHECK(s.size().value() == 0u);
}

/// A stack and its neighbour, which differ in their prefix alone, do not see each other, and neither is cleared by the
/// other. The subject's `neighbour()` is on the store of the last `fresh()`.
template <class Subject> void neighbours_do_not_meet(Subject& subject)
{
    auto s = subject.fresh();
    auto other = subject.neighbour();
    for (int n = 0; n < 5; ++n) BOOST_REQUIRE(s.put(subject.key(n), subject.value(n)));
    for (int n = 0; n < 5; ++n) {
        BOOST_CHECK(got(subject, other, subject.key(n)).miss());
        BOOST_CHECK(other.contains(subject.key(n)).miss());
        BOOST_CHECK(other.erase(subject.key(n)).miss());
        BOOST_CHECK(other.touch(subject.key(n), std::chrono::hours{1}).miss());
        BOOST_CHECK(other.add(subject.key(n), subject.value(n + 100)));
    }
    for (int n = 0; n < 5; ++n) {
        BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));
        BOOST_CHECK(got(subject, other, subject.key(n)).value() == subject.value(n + 100));
    }
    BOOST_CHECK(other.erase(subject.key(0)).hit());
    BOOST_CHECK(got(subject, s, subject.key(0)).hit());
    if (subject.can.scope == scoping::own) {
        BOOST_CHECK(s.size().value() == 5u);
        BOOST_CHECK(other.size().value() == 4u);
        BOOST_CHECK(s.clear());
        BOOST_CHECK(s.size().value() == 0u);
        BOOST_CHECK(other.size().value() == 4u);
    } else {
        BOOST_CHECK(s.clear().error() == strata::errc::unsupported);
    }
    for (int n = 1; n < 5; ++n) BOOST_CHECK(got(subject, other, subject.key(n)).value() == subject.value(n + 100));
}

} // namespace laws
