#pragma once

#include "subject.hpp"

#include <limits>
#include <system_error>
#include <vector>

/// The laws of lifetimes.
namespace laws {

/// An entry is gone when its lifetime has ended, not before, and alone.
template <class Subject> void lifetimes_end(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    auto const shortly = subject.can.shortly;
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1), shortly));
    BOOST_REQUIRE(s.add(subject.key(2), subject.value(2), shortly));
    BOOST_REQUIRE(s.put(subject.key(3), subject.value(3), 24h));
    BOOST_REQUIRE(s.put(subject.key(4), subject.value(4), strata::forever));
    BOOST_REQUIRE(s.put(subject.key(5), subject.value(5)));
    subject.elapse(shortly - 1ms);
    if (subject.can.exact_time) {
        for (int n : {1, 2, 3, 4, 5}) BOOST_CHECK(got(subject, s, subject.key(n)).hit());
    }
    subject.elapse(1ms);
    BOOST_CHECK(eventually([&] { return got(subject, s, subject.key(1)).miss(); }));
    BOOST_CHECK(eventually([&] { return s.contains(subject.key(2)).miss(); }));
    BOOST_CHECK(s.erase(subject.key(1)).miss());
    BOOST_CHECK(s.touch(subject.key(2), 1h).miss());
    for (int n : {3, 4, 5}) BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));
    BOOST_CHECK(s.add(subject.key(1), subject.value(6)));
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(6));
}

/// A put gives the entry the lifetime of that put.
template <class Subject> void a_put_replaces_the_lifetime(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    auto const shortly = subject.can.shortly;
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1), shortly));
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(2), 1h));
    BOOST_REQUIRE(s.put(subject.key(2), subject.value(1), 1h));
    BOOST_REQUIRE(s.put(subject.key(2), subject.value(2), shortly));
    subject.elapse(shortly);
    BOOST_CHECK(eventually([&] { return got(subject, s, subject.key(2)).miss(); }));
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(2));
}

template <class Subject> void touch_gives_a_new_lifetime(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    strata::lifetime const shortly = 2 * subject.can.shortly;
    strata::lifetime const long_time = 1h;
    for (int n : {1, 2, 3}) BOOST_REQUIRE(s.put(subject.key(n), subject.value(n), n == 2 ? long_time : shortly));
    BOOST_CHECK(s.touch(subject.key(1), 1h).hit());
    BOOST_CHECK(s.touch(subject.key(2), shortly).hit());
    subject.elapse(2 * subject.can.shortly);
    BOOST_CHECK(eventually([&] { return s.contains(subject.key(3)).miss(); }));
    BOOST_CHECK(eventually([&] { return got(subject, s, subject.key(2)).miss(); }));
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
    BOOST_CHECK(s.touch(subject.key(1), strata::forever).hit());
    subject.elapse(48h);
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
}

/// Lifetimes that are none are refused before anything happens.
template <class Subject> void a_lifetime_is_positive(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    auto const refused = std::make_error_code(std::errc::invalid_argument);
    auto const nan = std::chrono::duration<double>{std::numeric_limits<double>::quiet_NaN()};
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1)));
    for (strata::lifetime const ttl : {strata::lifetime{0s}, {-1ms}, {-24h}, {-1ns}, {nan}}) {
        BOOST_CHECK(s.put(subject.key(1), subject.value(2), ttl).error() == refused);
        BOOST_CHECK(s.put(subject.key(2), subject.value(2), ttl).error() == refused);
        BOOST_CHECK(s.add(subject.key(2), subject.value(2), ttl).error() == refused);
        BOOST_CHECK(s.touch(subject.key(1), ttl).failed());
        BOOST_CHECK(s.touch(subject.key(1), ttl).error() == refused);
        std::vector<std::pair<typename Subject::key_type, typename Subject::value_type>> const entries{
            {subject.key(1), subject.value(2)}, {subject.key(2), subject.value(2)}};
        auto const done = s.put_many(entries, ttl);
        BOOST_REQUIRE(done.size() == 2);
        for (auto const& one : done) BOOST_CHECK(one.error() == refused);
    }
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
    BOOST_CHECK(s.contains(subject.key(2)).miss());
}

/// Durations of any unit and size are lifetimes.
template <class Subject> void any_positive_duration_is_a_lifetime(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    auto const endless = std::chrono::duration<double>{std::numeric_limits<double>::infinity()};
    int n = 0;
    for (strata::lifetime const ttl :
         {strata::lifetime{90min}, {std::chrono::hours{24 * 29}}, {std::chrono::hours{24 * 31}},
          {std::chrono::hours{24 * 365 * 20}}, {std::chrono::hours::max()}, {std::chrono::nanoseconds::max()},
          {std::chrono::milliseconds::max()}, {endless}, {std::chrono::duration<double>{3600.5}}, {strata::forever}}) {
        BOOST_CHECK(s.put(subject.key(n), subject.value(n), ttl));
        BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));
        BOOST_CHECK(s.touch(subject.key(n), ttl).hit());
        BOOST_CHECK(s.contains(subject.key(n)).hit());
        ++n;
    }
}

/// A lifetime that `get_or` and `put_many` were given ends too.
template <class Subject> void every_way_to_store_has_a_lifetime(Subject& subject)
{
    using namespace std::chrono_literals;
    auto s = subject.fresh();
    std::vector<std::pair<typename Subject::key_type, typename Subject::value_type>> const entries{
        {subject.key(1), subject.value(1)}, {subject.key(2), subject.value(2)}};
    auto const shortly = subject.can.shortly;
    for (auto const& done : s.put_many(entries, shortly)) BOOST_CHECK(done);
    BOOST_CHECK(s.get_or(subject.key(3), [&] { return subject.value(3); }, shortly) == subject.value(3));
    BOOST_REQUIRE(s.put(subject.key(4), subject.value(4), 1h));
    subject.elapse(shortly);
    for (int n : {1, 2, 3}) BOOST_CHECK(eventually([&] { return got(subject, s, subject.key(n)).miss(); }));
    BOOST_CHECK(got(subject, s, subject.key(4)).hit());
}

} // namespace laws
