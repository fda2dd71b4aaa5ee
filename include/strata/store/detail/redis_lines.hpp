#pragma once

#include <strata/store/detail/fork.hpp>
#include <strata/store/detail/redis_line.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

/// The connections of a store.
namespace strata::detail::redis {

class lines {
public:
    lines(connection_settings settings, std::size_t count, std::chrono::milliseconds first_pause,
          std::chrono::milliseconds longest_pause)
        : settings_{std::move(settings)}
        , count_{count}
        , first_pause_{first_pause}
        , longest_pause_{longest_pause}
        , process_{fork_generation()}
        , current_{new set{*this}}
    {
    }
    lines(lines const&) = delete;
    lines& operator=(lines const&) = delete;
    ~lines()
    {
        adapt_to_process();
        delete current_.load();
    }

    [[nodiscard]] connection_settings const& settings() const noexcept { return settings_; }

    /// Does the exchange on a line that is free, or shares one.
    [[nodiscard]] status run(exchange const& what, deadline const& until)
    {
        if (process_.load(std::memory_order_acquire) != fork_generation()) adapt_to_process();
        return current_.load(std::memory_order_acquire)->run(what, until);
    }

private:
    /// The lines, and what they share.
    struct set {
        explicit set(lines const& of) : retries{of.first_pause_, of.longest_pause_, of.settings_.connect_timeout}
        {
            all.reserve(of.count_);
            for (std::size_t i = 0; i < of.count_; ++i) all.push_back(std::make_unique<line>(of.settings_, retries));
        }

        /// Few threads go each on a line of its own, as long as there is one: two that shared one would only wait for
        /// each other. More go together on the first one, which is faster then. Large requests go apart, so that they
        /// do not hold small ones up.
        [[nodiscard]] BOOST_FORCEINLINE status run(exchange const& what, deadline const& until)
        {
            line& common = *all.front();
            if (what.large() && all.size() > 1) return apart(what, until);
            std::size_t& last = last_used();
            if (last == 0 && !spread.load(std::memory_order_relaxed) && common.seize()) {
                return common.run(what, until, true);
            }
            if (common.busy()) return common.run(what, until, common.seize());
            return run_apart(what, until, last);
        }

        /// All that a thread without company is spared.
        BOOST_NOINLINE status run_apart(exchange const& what, deadline const& until, std::size_t& last)
        {
            std::size_t const some = std::min(all.size(), most_alone);
            if (last < some && all[last]->seize()) {
                bool company = false;
                for (std::size_t i = 0; i < some; ++i) company |= i != last && !all[i]->free();
                if (spread.load(std::memory_order_relaxed) != company) spread.store(company, std::memory_order_relaxed);
                return all[std::exchange(last, company ? last : 0)]->run(what, until, true, company);
            }
            for (std::size_t i = 0; i < some; ++i) {
                if (!all[i]->free() || !all[i]->seize()) continue;
                last = i;
                spread.store(true, std::memory_order_relaxed);
                return all[i]->run(what, until, true, true);
            }
            return all.front()->run(what, until, false);
        }

        [[nodiscard]] status apart(exchange const& what, deadline const& until)
        {
            for (std::size_t i = 1; i < all.size(); ++i) {
                if (all[i]->free() && all[i]->seize()) return all[i]->run(what, until, true);
            }
            line& any = *all[1 + next.fetch_add(1, std::memory_order_relaxed) % (all.size() - 1)];
            return any.run(what, until, any.seize());
        }

        /// Where this thread has found a line of its own, so that it and the same processor stay with it.
        [[nodiscard]] static std::size_t& last_used() noexcept
        {
            thread_local constinit std::size_t index = 0;
            return index;
        }

        backoff retries;
        std::vector<std::unique_ptr<line>> all;
        std::atomic<std::size_t> next{0};
        std::atomic<bool> spread{false}; ///< Whether threads were seen on several lines at the same time.
    };

    /// In a child process, begins anew. What the parent's threads were doing at the fork will never end here, so that
    /// nothing of theirs can be used or destroyed; all that is done is to close the connections.
    void adapt_to_process()
    {
        unsigned long const now = fork_generation();
        // Of this process: a parent may have been adapting at the fork, and will never be done here.
        unsigned long const adapting = ~now;
        unsigned long seen = process_.load(std::memory_order_acquire);
        if (seen == now) return;
        auto made = std::make_unique<set>(*this);
        set* parents = current_.load();
        while (seen != now) {
            if (seen == adapting) {
                ::sched_yield();
                seen = process_.load(std::memory_order_acquire);
            } else if (process_.compare_exchange_weak(seen, adapting)) {
                parents = current_.exchange(made.release());
                for (auto const& one : parents->all) one->disown();
                process_.store(now, std::memory_order_release);
                return;
            }
        }
    }

    /// So many lines are for small requests of threads that go alone.
    static constexpr std::size_t most_alone = 3;

    connection_settings settings_;
    std::size_t count_;
    std::chrono::milliseconds first_pause_;
    std::chrono::milliseconds longest_pause_;
    std::atomic<unsigned long> process_;
    std::atomic<set*> current_;
};

} // namespace strata::detail::redis
