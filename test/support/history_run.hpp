#pragma once

#include "history.hpp"
#include "process.hpp"

#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// Many threads on a few keys of a stack, while something is done to its connections or server.
namespace test {

/// How long one run lasts: 2 seconds, or as many as the environment variable STRATA_HISTORY_SECONDS says.
inline std::chrono::milliseconds history_time()
{
    char const* const seconds = std::getenv("STRATA_HISTORY_SECONDS");
    return std::chrono::milliseconds{seconds ? 1000 * std::atoi(seconds) : 2000};
}

/// One thread's part.
template <class Stack> class history_writer {
public:
    std::vector<event> events;
    std::size_t hits = 0;
    std::size_t misses = 0;
    std::size_t failures = 0;
    std::size_t strange = 0; ///< Hits that were no whole value of their key.

    history_writer(Stack& s, unsigned number) : s_{s}, random_{number + 1}, next_{(std::uint64_t{number} << 40) + 1} {}

    void run(std::atomic<bool> const& stop)
    {
        while (!stop) {
            auto const failed = failures;
            step();
            if (failures != failed) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }

private:
    static constexpr int keys = 5;

    [[nodiscard]] int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    void step()
    {
        int const key = draw(keys);
        int const choice = draw(20);
        if (choice < 9) {
            auto const start = now();
            found(key, start, s_.get(key));
        } else if (choice < 14) {
            put(key, [&](std::string const& text) { return s_.put(key, text); });
        } else if (choice == 14) {
            put(key, [&](std::string const& text) { return s_.add(key, text); });
        } else if (choice == 15) {
            auto const start = now();
            erased(key, start, s_.erase(key));
        } else if (choice == 16) {
            auto const start = now();
            std::vector<int> const several{key, draw(keys), draw(keys)};
            auto const all = s_.get_many(several);
            for (std::size_t i = 0; i < several.size(); ++i) found(several[i], start, all[i]);
        } else if (choice == 17) {
            put_several();
        } else if (choice == 18) {
            std::string text;
            auto const start = now();
            auto const got = s_.get_to(key, text);
            found(key, start, got ? strata::lookup<std::string>{text} : as_text(got));
        } else {
            auto const start = now();
            auto const there = s_.contains(key);
            if (there.miss()) found(key, start, strata::lookup<std::string>{});
            failures += there.failed();
        }
    }

    static strata::lookup<std::string> as_text(strata::lookup<void> const& got)
    {
        if (got.failed()) return got.reason();
        return strata::miss;
    }

    void found(int key, event::time start, strata::lookup<std::string> const& got)
    {
        auto const end = now();
        if (got.failed()) {
            ++failures;
        } else if (got.miss()) {
            ++misses;
            events.push_back({event::read, key, 0, start, end});
        } else if (std::uint64_t const value = value_in(key, *got)) {
            ++hits;
            events.push_back({event::read, key, value, start, end});
        } else {
            ++strange;
        }
    }

    template <class Put> void put(int key, Put&& store)
    {
        std::uint64_t const value = next_++;
        std::string const text = text_of(key, value);
        auto const start = now();
        strata::status const done = store(text);
        stored(key, value, start, done);
    }

    void put_several()
    {
        int const first = draw(keys);
        std::vector<std::pair<int, std::string>> entries;
        std::vector<std::uint64_t> values;
        for (int const key : {first, (first + 1) % keys}) {
            values.push_back(next_++);
            entries.emplace_back(key, text_of(key, values.back()));
        }
        auto const start = now();
        auto const done = s_.put_many(entries);
        for (std::size_t i = 0; i < done.size(); ++i) stored(entries[i].first, values[i], start, done[i]);
    }

    void stored(int key, std::uint64_t value, event::time start, strata::status const& done)
    {
        if (done.error() == strata::errc::exists) return; // nothing was written
        events.push_back({event::write, key, value, start, now(), static_cast<bool>(done)});
        failures += !done;
    }

    void erased(int key, event::time start, strata::lookup<void> const& gone)
    {
        events.push_back({event::removal, key, 0, start, now(), !gone.failed()});
        failures += gone.failed();
    }

    Stack& s_;
    std::minstd_rand random_;
    std::uint64_t next_;
};

/// Runs `threads` threads and calls `disturb(random number)` now and then; `calm` ends what is left of it.
template <class Stack>
void run_history(std::string const& name, Stack& s, bool entries_stay, std::function<void(unsigned)> const& disturb,
                 std::function<void()> const& calm, unsigned threads = 8)
{
    std::atomic<bool> stop = false;
    std::vector<history_writer<Stack>> writers;
    for (unsigned t = 0; t < threads; ++t) writers.emplace_back(s, t);
    std::vector<std::thread> running;
    for (auto& writer : writers) {
        running.emplace_back([&] { writer.run(stop); });
    }

    auto const end = std::chrono::steady_clock::now() + history_time();
    std::minstd_rand random{static_cast<unsigned>(threads)};
    std::size_t disturbances = 0;
    while (std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5 + random() % 40});
        if (!disturb) continue;
        disturb(static_cast<unsigned>(random()));
        ++disturbances;
    }
    if (calm) calm();
    bool const works = wait_until([&] { return s.put("last", "words") && s.get("last").hit(); });
    stop = true;
    for (auto& thread : running) thread.join();

    history all;
    std::size_t hits = 0, misses = 0, failures = 0, strange = 0, events = 0;
    for (auto const& writer : writers) {
        all.add(writer.events);
        hits += writer.hits;
        misses += writer.misses;
        failures += writer.failures;
        strange += writer.strange;
        events += writer.events.size();
    }
    auto const verdict = all.judge(entries_stay);
    std::cout << "  " << name << ": " << events << " events, " << hits << " hits, " << misses << " misses, " << failures
              << " failures, " << disturbances << " disturbances; " << verdict << "\n";
    BOOST_CHECK_MESSAGE(works, "it works again in the end");
    BOOST_TEST(strange == 0u);
    BOOST_TEST(verdict.impossible() == 0u);
    BOOST_TEST(hits > 0u);
}

} // namespace test
