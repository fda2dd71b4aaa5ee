#pragma once

#include "../faulty.hpp"
#include "subject.hpp"

#include <string>
#include <vector>

/// The laws of failures, for a stack with a `Faulty` somewhere in it.
namespace laws {

/// Each operation of a failing store fails, and says why; none is a hit or a miss, and none changes anything.
template <class Subject> void a_failure_is_a_failure(Subject& subject)
{
    using strata::errc;
    using strata::Faults;
    auto s = subject.fresh();
    Faults faults = s.faults();
    std::vector<typename Subject::key_type> const keys{subject.key(1), subject.key(2)};
    std::vector<std::pair<typename Subject::key_type, typename Subject::value_type>> const entries{
        {subject.key(1), subject.value(5)}, {subject.key(2), subject.value(6)}};
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1)));

    for (errc const code : {errc::unavailable, errc::timed_out, errc::protocol, errc::rejected, errc::corrupt}) {
        faults.fail(Faults::all, strata::failure{code, "what the server said"});
        auto const failed = [&](auto const& found) {
            return found.failed() && !found.hit() && !found.miss() && !found && found.error() == code &&
                   found.error_text() == "what the server said";
        };
        for (auto const& key : keys) {
            auto const found = got(subject, s, key);
            BOOST_CHECK(failed(found));
            BOOST_CHECK_EXCEPTION(static_cast<void>(found.value()), std::system_error,
                                  [&](std::system_error const& e) { return e.code() == code; });
            BOOST_CHECK(found.value_or(subject.value(9)) == subject.value(9));
            auto out = subject.value(9);
            BOOST_CHECK(failed(s.get_to(key, out)));
            BOOST_CHECK(out == subject.value(9));
            BOOST_CHECK(failed(s.contains(key)));
            BOOST_CHECK(failed(s.erase(key)));
            BOOST_CHECK(failed(s.touch(key, std::chrono::hours{1})));
            auto const put = s.put(key, subject.value(3));
            BOOST_CHECK(!put && put.error() == code && put.error_text() == "what the server said");
            BOOST_CHECK(s.add(key, subject.value(3)).error() == code);
        }
        for (auto const& found : s.template get_many<typename Subject::value_type>(keys)) BOOST_CHECK(failed(found));
        for (auto const& found : s.erase_many(keys)) BOOST_CHECK(failed(found));
        for (auto const& done : s.put_many(entries)) BOOST_CHECK(!done && done.error() == code);
    }
    faults.mend();
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
    BOOST_CHECK(got(subject, s, subject.key(2)).miss());
}

/// A key of a batch that fails leaves the others their own results.
template <class Subject> void one_failure_in_a_batch_stays_its_own(Subject& subject)
{
    using strata::Faults;
    auto s = subject.fresh();
    Faults faults = s.faults();
    std::vector<typename Subject::key_type> keys;
    std::vector<std::pair<typename Subject::key_type, typename Subject::value_type>> entries;
    for (int n = 0; n < 6; ++n) {
        keys.push_back(subject.key(n));
        if (n < 5) entries.emplace_back(subject.key(n), subject.value(n));
    }
    for (auto const& done : s.put_many(entries)) BOOST_REQUIRE(done);

    for (std::size_t bad = 0; bad < keys.size(); ++bad) {
        faults.fail(Faults::get | Faults::put, strata::errc::corrupt, bad);
        auto const found = s.template get_many<typename Subject::value_type>(keys);
        BOOST_REQUIRE(found.size() == keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (i == bad) {
                BOOST_CHECK(found[i].failed() && found[i].error() == strata::errc::corrupt);
            } else if (i == 5) {
                BOOST_CHECK(found[i].miss());
            } else {
                BOOST_CHECK(found[i].value() == subject.value(static_cast<int>(i)));
            }
        }
        auto const done = s.put_many(entries);
        for (std::size_t i = 0; i < entries.size(); ++i) BOOST_CHECK(bool{done[i]} == (i != bad));
        faults.mend();
    }
}

/// `get_or` gives the value whatever the store does, and stores it again as soon as it can.
template <class Subject> void get_or_needs_no_store(Subject& subject)
{
    using strata::Faults;
    auto s = subject.fresh();
    Faults faults = s.faults();
    int made = 0;
    auto const make = [&] { return subject.value(++made); };
    faults.fail(Faults::all);
    BOOST_CHECK(s.get_or(subject.key(1), make) == subject.value(1));
    BOOST_CHECK(faults.count() > 0);
    faults.fail(Faults::put | Faults::add);
    BOOST_CHECK(s.get_or(subject.key(1), make) == subject.value(2));
    faults.fail(Faults::get);
    BOOST_CHECK(s.get_or(subject.key(1), make) == subject.value(3));
    faults.mend();
    auto const kept = got(subject, s, subject.key(1));
    BOOST_CHECK(kept.miss() || *kept == subject.value(3));
    int const before = made;
    auto const now = s.get_or(subject.key(1), make);
    BOOST_CHECK(s.get_or(subject.key(1), make) == now);
    BOOST_CHECK(made <= before + 1);
    faults.fail(Faults::put);
    BOOST_CHECK_THROW(s.get_or(subject.key(2), []() -> typename Subject::value_type { throw 1; }), int);
}

/// `clear()` and `size()` that fail are failures as well.
template <class Subject> void a_failing_scope_is_a_failure(Subject& subject)
{
    using strata::Faults;
    auto s = subject.fresh();
    Faults faults = s.faults();
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1)));
    faults.fail(Faults::all, strata::errc::timed_out);
    BOOST_CHECK(s.clear().error() == strata::errc::timed_out);
    BOOST_CHECK(s.size().failed());
    faults.mend();
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
}

} // namespace laws
