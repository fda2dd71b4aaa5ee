#pragma once

#include "fault_proxy.hpp"
#include "process.hpp"

#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

/// Every operation of a stack under every fault of its connection.
namespace test {

/// How much later than its deadline an operation may end: what a loaded machine needs, or, with the environment
/// variable STRATA_STRICT set, the 100 ms that the project promises.
inline std::chrono::milliseconds slack()
{
    return std::chrono::milliseconds{std::getenv("STRATA_STRICT") ? 100 : 5000};
}

/// `Stack` goes through the proxy and has `deadline` for each operation; `Direct` goes to the server itself.
template <class Stack, class Direct> class fault_trials {
    using clock = std::chrono::steady_clock;

public:
    fault_trials(fault_proxy& proxy, Stack& stack, Direct& direct, std::chrono::milliseconds deadline)
        : proxy_{proxy}, s_{stack}, direct_{direct}, deadline_{deadline}
    {
    }

    /// Runs each operation once for each place at which `what` can happen, up to `places`, or until the operation has
    /// ended before the fault. Returns how many operations failed.
    std::size_t run(std::string const& name, direction way, fault what, std::size_t places = 1)
    {
        auto const before = trials_;
        auto const failed_before = failed_;
        for (auto const& one : operations()) {
            BOOST_TEST_CONTEXT("fault: " << name << ", operation: " << one.name)
            {
                for (what.after = 0; what.after < places; ++what.after) {
                    if (!once(way, what, one)) break;
                }
            }
        }
        std::cout << "  " << name << (way == direction::to_client ? ", on replies: " : ", on requests: ")
                  << trials_ - before << " trials, " << failed_ - failed_before << " failed operations\n";
        return failed_ - failed_before;
    }

    ~fault_trials()
    {
        std::cout << "  " << trials_ << " trials, " << failed_ << " failed operations, " << wrong_
                  << " wrong outcomes, worst time over a deadline of " << deadline_.count() << " ms: " << worst_.count()
                  << " ms, longest recovery: " << recovery_.count() << " ms\n";
    }

private:
    struct operation {
        std::string name;
        std::function<void(fault_trials&)> run;
        int deadlines = 1; ///< How many operations of the store it is made of.
    };

    [[nodiscard]] static std::string value(std::string const& key, int generation)
    {
        return "value of " + key + ", generation " + std::to_string(generation);
    }
    [[nodiscard]] std::string now(std::string const& key) const { return value(key, generation_); }
    [[nodiscard]] std::string next(std::string const& key) const { return value(key, generation_ + 1); }

    void check(bool right, char const* what)
    {
        if (!right) ++wrong_;
        BOOST_CHECK_MESSAGE(right, what);
    }
    void note(bool failed) { failed_ += failed; }

    /// One operation under one fault, and the recovery. False: the operation was over before the fault could happen.
    bool once(direction way, fault const& what, operation const& one)
    {
        prepare();
        auto const faults = proxy_.faults();
        proxy_.inject(way, what);
        auto const start = clock::now();
        one.run(*this);
        auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start);
        auto const over = took - one.deadlines * deadline_;
        bool const happened = proxy_.faults() > faults;
        proxy_.mend();
        ++trials_;
        worst_ = std::max(worst_, over);
        BOOST_CHECK_MESSAGE(over <= slack(), "the operation took " << took.count() << " ms");
        recover();
        return happened;
    }

    /// Present keys have this generation's value, absent ones none, and a connection stands.
    void prepare()
    {
        ++generation_;
        BOOST_REQUIRE(!direct_.get("steady").failed()); // what reached the server before has been done after this
        for (auto const& key : present_) BOOST_REQUIRE(direct_.put(key, now(key)));
        for (auto const& key : absent_) static_cast<void>(direct_.erase(key));
        BOOST_REQUIRE(direct_.put("steady", "steady"));
        recover();
        // Stands for batches too, which may have a connection of their own.
        for (auto const& found : s_.get_many(std::vector<std::string>(10, "steady"))) BOOST_REQUIRE(found.hit());
    }

    /// Once the fault has ended, operations succeed again.
    void recover()
    {
        auto const start = clock::now();
        bool const works = wait_until([&] {
            auto const found = s_.get("steady");
            if (found) check(*found == "steady", "another value after the fault");
            check(!found.miss(), "a miss after the fault");
            return found.hit();
        });
        BOOST_REQUIRE_MESSAGE(works, "no recovery after the fault");
        recovery_ = std::max(recovery_, std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start));
    }

    /// A key that was there: its value, or a failure.
    void check_present(auto const& found, std::string const& key)
    {
        note(found.failed());
        check(!found.miss(), "a miss where there is an entry");
        if (found) check(*found == now(key), "a value that is not this key's");
    }
    void check_absent(auto const& found)
    {
        note(found.failed());
        check(!found.hit(), "a hit where there is no entry");
    }
    /// After a write that was answered by `done`: the new value, or, if it was not done, the old or the new one.
    void check_written(strata::status const& done, std::string const& key, bool was_there)
    {
        note(!done);
        auto const found = direct_.get(key);
        BOOST_REQUIRE(!found.failed());
        if (done) return check(found.hit() && *found == next(key), "a put that was done and is not there");
        check(done.error() != strata::errc::exists, "an entry that exists and does not");
        check(found.miss() ? !was_there : *found == next(key) || (was_there && *found == now(key)),
              "a put that failed and left something else");
    }
    void check_erased(strata::lookup<void> const& gone, std::string const& key)
    {
        note(gone.failed());
        check(!gone.miss(), "an erasure that missed an entry");
        auto const found = direct_.get(key);
        BOOST_REQUIRE(!found.failed());
        if (gone) check(found.miss(), "an entry that was erased and is there");
        if (found) check(*found == now(key), "an erasure that left something else");
    }

    static std::vector<operation> operations()
    {
        using self = fault_trials;
        std::vector<operation> all;
        all.push_back({"get of an entry", [](self& t) { t.check_present(t.s_.get("a"), "a"); }});
        all.push_back({"get of none", [](self& t) { t.check_absent(t.s_.get("x")); }});
        all.push_back({"get_to", [](self& t) {
            std::string out = "before";
            auto const found = t.s_.get_to("b", out);
            t.note(found.failed());
            t.check(!found.miss(), "a miss where there is an entry");
            t.check(out == (found.hit() ? t.now("b") : "before"), "a target that was touched without a hit");
        }});
        all.push_back({"contains of an entry", [](self& t) {
            auto const found = t.s_.contains("a");
            t.note(found.failed());
            t.check(!found.miss(), "a miss where there is an entry");
        }});
        all.push_back({"contains of none", [](self& t) { t.check_absent(t.s_.contains("x")); }});
        all.push_back({"touch", [](self& t) {
            auto const found = t.s_.touch("a", std::chrono::hours{1});
            t.note(found.failed());
            t.check(!found.miss(), "a miss where there is an entry");
        }});
        all.push_back({"put", [](self& t) { t.check_written(t.s_.put("a", t.next("a")), "a", true); }});
        all.push_back({"add", [](self& t) { t.check_written(t.s_.add("x", t.next("x")), "x", false); }});
        all.push_back({"add to an entry", [](self& t) {
            auto const done = t.s_.add("a", t.next("a"));
            t.note(done.error() != strata::errc::exists);
            t.check(!done, "an add over an entry");
            t.check(t.direct_.get("a").value() == t.now("a"), "an add that replaced an entry");
        }});
        all.push_back({"erase", [](self& t) { t.check_erased(t.s_.erase("a"), "a"); }});
        all.push_back({"get_or", [](self& t) {
            auto const found = t.s_.get_or("a", [&] { return t.next("a"); });
            t.check(found == t.now("a") || found == t.next("a"), "a value that nobody made");
        }, 2});
        all.push_back({"get_many", [](self& t) {
            // as many as it takes for memcached's text protocol
            std::vector<std::string> const keys{"a", "x", "b", "c", "y", "a", "d", "x", "c", "b"};
            auto const found = t.s_.get_many(keys);
            BOOST_REQUIRE(found.size() == keys.size());
            for (std::size_t i = 0; i < keys.size(); ++i) {
                keys[i] < "x" ? t.check_present(found[i], keys[i]) : t.check_absent(found[i]);
            }
        }});
        all.push_back({"put_many", [](self& t) {
            std::vector<std::pair<std::string, std::string>> entries;
            for (std::string const key : {"a", "x", "b", "c", "y"}) entries.emplace_back(key, t.next(key));
            auto const done = t.s_.put_many(entries);
            BOOST_REQUIRE(done.size() == entries.size());
            for (std::size_t i = 0; i < done.size(); ++i) {
                t.check_written(done[i], entries[i].first, entries[i].first < "x");
            }
        }});
        all.push_back({"erase_many", [](self& t) {
            std::vector<std::string> const keys{"a", "b", "c"};
            auto const gone = t.s_.erase_many(keys);
            BOOST_REQUIRE(gone.size() == keys.size());
            for (std::size_t i = 0; i < keys.size(); ++i) t.check_erased(gone[i], keys[i]);
        }});
        return all;
    }

    fault_proxy& proxy_;
    Stack& s_;
    Direct& direct_;
    std::chrono::milliseconds deadline_;
    std::vector<std::string> present_{"a", "b", "c", "d"};
    std::vector<std::string> absent_{"x", "y"};
    int generation_ = 0;
    std::size_t trials_ = 0;
    std::size_t failed_ = 0;
    std::size_t wrong_ = 0;
    std::chrono::milliseconds worst_{0};
    std::chrono::milliseconds recovery_{0};
};

/// Connections that are slow, and some too slow.
template <class Trials> void slow_connections(Trials& trials)
{
    for (auto const way : {direction::to_server, direction::to_client}) {
        trials.run("short delay", way, {.what = fault::delay, .time = std::chrono::milliseconds{10}});
        trials.run("delay beyond the deadline", way, {.what = fault::delay, .time = std::chrono::milliseconds{300}});
        trials.run("single bytes", way, {.what = fault::single_bytes});
        trials.run("single bytes, slowly", way, {.what = fault::single_bytes, .time = std::chrono::milliseconds{20}});
    }
}

/// Connections that end; `requests` and `resets` are how many offsets of what is sent are tried.
template <class Trials> void cut_connections(Trials& trials, std::size_t requests, std::size_t resets)
{
    trials.run("end at every offset", direction::to_client, {.what = fault::truncate}, 400);
    trials.run("end at an offset", direction::to_server, {.what = fault::truncate}, requests);
    trials.run("reset at an offset", direction::to_client, {.what = fault::reset}, 60);
    trials.run("reset at an offset", direction::to_server, {.what = fault::reset}, resets);
}

/// Connections on which nothing comes any more.
template <class Trials> void silent_connections(Trials& trials)
{
    trials.run("swallowed from an offset", direction::to_client, {.what = fault::swallow}, 3);
    trials.run("swallowed from an offset", direction::to_server, {.what = fault::swallow}, 2);
}

} // namespace test
