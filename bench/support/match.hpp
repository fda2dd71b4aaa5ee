#pragma once

#include "client.hpp"
#include "counters.hpp"
#include "samples.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bench {

/// What one contestant showed.
struct result {
    std::vector<double> per_second; ///< Operations, one figure a round.
    std::vector<double> ratios;     ///< To the first contestant in the same round.
    latencies times;
    double allocations = 0; ///< Per operation.
};

/// Lets contestants do the same in turn, round after round, so that what else the machine does hits all alike. Many
/// short rounds are better than a few long ones: what is shorter than a time slice often passes undisturbed.
class match {
public:
    match(std::size_t threads, std::size_t rounds, std::chrono::milliseconds each)
        : threads_{threads}, rounds_{rounds}, each_{each}
    {
    }

    /// `operation(client, thread, i)` does the `i`-th operation of a thread, which counts as `weight`.
    template <class Operation>
    std::vector<result> run(std::vector<contestant> const& contestants, double weight, Operation const& operation) const
    {
        std::vector<std::vector<std::unique_ptr<client>>> clients(contestants.size());
        for (std::size_t c = 0; c < contestants.size(); ++c) {
            for (std::size_t t = 0; t < threads_; ++t) {
                clients[c].push_back(contestants[c].connect());
                for (std::size_t i = 0; i < 4; ++i) operation(*clients[c].back(), t, i); // buffers get their size
            }
        }
        std::vector<result> results(contestants.size());
        for (std::size_t round = 0; round < rounds_; ++round) {
            for (std::size_t turn = 0; turn < contestants.size(); ++turn) {
                std::size_t const c = (round + turn) % contestants.size(); // nobody is always the one after a pause
                results[c].per_second.push_back(weight * play(clients[c], results[c], operation));
            }
            for (result& r : results) r.ratios.push_back(r.per_second.back() / results[0].per_second.back());
        }
        for (result& r : results) r.allocations /= weight * static_cast<double>(r.times.size());
        return results;
    }

private:
    using clock = std::chrono::steady_clock;

    /// One round of one contestant; returns operations a second.
    template <class Operation>
    double play(std::vector<std::unique_ptr<client>> const& clients, result& sum, Operation const& operation) const
    {
        std::atomic<bool> over{false};
        std::latch ready{static_cast<std::ptrdiff_t>(threads_)};
        std::vector<latencies> times(threads_);
        std::vector<std::uint64_t> allocated(threads_);
        std::vector<std::exception_ptr> errors(threads_);
        auto const thread = [&](std::size_t t) {
            std::uint64_t const before = allocations;
            std::uint64_t own = 0; // of this loop, for its samples
            try {
                ready.arrive_and_wait();
                auto last = clock::now();
                auto const end = last + each_;
                for (std::size_t i = 0; !over.load(std::memory_order_relaxed); ++i) {
                    operation(*clients[t], t, i);
                    auto const now = clock::now();
                    std::uint64_t const mark = allocations;
                    times[t].add(static_cast<std::uint64_t>((now - last).count()));
                    own += allocations - mark;
                    last = now;
                    if (now >= end) over.store(true, std::memory_order_relaxed);
                }
            } catch (...) {
                errors[t] = std::current_exception();
                over = true;
            }
            allocated[t] = allocations - before - own;
        };

        auto const start = clock::now();
        if (threads_ == 1) {
            thread(0);
        } else {
            std::vector<std::jthread> running;
            for (std::size_t t = 0; t < threads_; ++t) running.emplace_back(thread, t);
        }
        std::chrono::duration<double> const took = clock::now() - start;
        std::size_t done = 0;
        for (std::size_t t = 0; t < threads_; ++t) {
            if (errors[t]) std::rethrow_exception(errors[t]);
            done += times[t].size();
            sum.times.add(times[t]);
            sum.allocations += static_cast<double>(allocated[t]);
        }
        return static_cast<double>(done) / took.count();
    }

    std::size_t threads_;
    std::size_t rounds_;
    std::chrono::milliseconds each_;
};

} // namespace bench
