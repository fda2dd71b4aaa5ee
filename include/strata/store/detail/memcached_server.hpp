#pragma once

#include <strata/store/detail/memcached_pool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace strata::detail::memcached {

/// One server and the connections to it. Safe from many threads.
///
/// A connection that failed is never used again. After a failed attempt to connect, or an exchange that has timed out,
/// operations fail at once until a delay has passed, which doubles from one to the next until there is an answer, less
/// up to half of it at random.
class server {
public:
    server(address where, limits bounds)
        : where_{std::move(where)}, bounds_{bounds}, pool_{new pool{bounds.connections, readers_}}
    {
    }
    server(server&&) = delete;
    ~server() { delete pool_.load(); }

    /// Takes a connection that nobody uses, or makes one, or waits until there is one. It is ready for an operation
    /// that begins at `now` and ends at `deadline`.
    [[nodiscard]] std::optional<failure> acquire(lease& result, steady_time now, steady_time deadline)
    {
        pool& mine = own();
        std::unique_lock lock{mine.mutex};
        bool waited = false;
        bool late = false;
        for (;;) {
            if (take_idle(mine, lock, protocol::binary, result, now, !waited)) return {};
            if (mine.is_down(now)) return mine.last_failure;
            if (mine.used + mine.idle.size() < bounds_.connections) break;
            if (!mine.idle.empty()) { // for text, which can be done without
                mine.drop_oldest();
                break;
            }
            if (late) return failure{errc::timed_out, "no connection became free"};
            waited = true;
            readers_.see(crowd::fewest);
            late = mine.changed.wait_until(lock, deadline) == std::cv_status::timeout;
            now = std::chrono::steady_clock::now();
        }
        return connect(mine, lock, protocol::binary, result, deadline);
    }

    /// Like `acquire`, but makes none, and waits only where no more may be made. False: there was none.
    [[nodiscard]] bool acquire_made(lease& result, steady_time now, steady_time deadline)
    {
        pool& mine = own();
        std::unique_lock lock{mine.mutex};
        for (bool waited = false; !take_idle(mine, lock, protocol::binary, result, now, !waited); waited = true) {
            if (mine.is_down(now) || mine.used < bounds_.connections || now >= deadline) return false;
            mine.changed.wait_until(lock, deadline);
            now = std::chrono::steady_clock::now();
        }
        return true;
    }

    /// Takes or makes a connection for text. If there is no room for one beside the others, or this is no time to make
    /// one, `result` stays empty: there may be one for binary.
    [[nodiscard]] std::optional<failure> acquire_text(lease& result, steady_time now, steady_time deadline)
    {
        pool& mine = own();
        std::unique_lock lock{mine.mutex};
        if (take_idle(mine, lock, protocol::text, result, now, true)) return {};
        if (mine.is_down(now) || mine.used + mine.idle.size() >= bounds_.connections) return {};
        return connect(mine, lock, protocol::text, result, deadline);
    }

    /// Like `acquire`, but a new connection and never a used one: the others are as old as one that has just failed.
    [[nodiscard]] std::optional<failure> acquire_new(lease& result, protocol spoken, steady_time deadline)
    {
        pool& mine = own();
        std::unique_lock lock{mine.mutex};
        if (mine.is_down(std::chrono::steady_clock::now())) return mine.last_failure;
        mine.drop_idle();
        // for a moment one too many: the caller still has the failed one
        return connect(mine, lock, spoken, result, deadline);
    }

    /// 0: there is an idle connection; 1: one has to be made; 2: and the last attempt failed. The less, the sooner a
    /// server should be asked when there are several.
    [[nodiscard]] int doubt()
    {
        pool& mine = own();
        std::lock_guard const guard{mine.mutex};
        return !mine.idle.empty() ? 0 : mine.delay.count() == 0 ? 1 : 2;
    }

    /// To be told that the server did not answer in time on a connection: it may be stopped, while the system goes on
    /// to accept connections for it. Returns what is to be said of it.
    failure did_not_answer(lease const& c)
    {
        std::string why = where_.text() + ": the server did not answer in time";
        if (!c.used_before() && !c->has_received()) {
            why += " on a new connection; one that was started with \"-B ascii\" never does";
        }
        pool& mine = own();
        std::lock_guard const guard{mine.mutex};
        mine.drop_idle();
        mine.back_off(bounds_, why);
        return {errc::timed_out, why};
    }

    /// Whether threads that get a value go together, and who they are.
    [[nodiscard]] crowd& readers() noexcept { return readers_; }
    [[nodiscard]] company& together() { return own().readers; }

    /// Whether the server is known to answer in text.
    [[nodiscard]] bool speaks_text() const noexcept { return speaks_text_.load(std::memory_order_relaxed); }
    void speaks_text(bool found) noexcept
    {
        if (speaks_text() != found) speaks_text_.store(found, std::memory_order_relaxed);
    }

    /// Whether to ask in text. A server that seems to have none is asked again after a while: a fault looks the same.
    [[nodiscard]] bool may_speak_text(steady_time now) const noexcept
    {
        return now.time_since_epoch().count() >= no_text_before_.load(std::memory_order_relaxed);
    }
    void leave_text(steady_time now) noexcept
    {
        no_text_before_.store((now + without_text).time_since_epoch().count(), std::memory_order_relaxed);
    }

private:
    /// A connection used less long ago is taken without a look at whether the server has closed it.
    static constexpr std::chrono::milliseconds fresh_for{1};
    static constexpr std::chrono::minutes without_text{1};

    /// The pool of this process.
    pool& own()
    {
        pool* found = pool_.load(std::memory_order_acquire);
        while (found->generation != fork_generation()) {
            auto fresh = std::make_unique<pool>(bounds_.connections, readers_);
            fresh->parents.reset(found);
            if (pool_.compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel)) {
                found->leave();
                return *fresh.release();
            }
            static_cast<void>(fresh->parents.release());
        }
        return *found;
    }

    /// Whether there was a connection that nobody uses, and that the server has not closed.
    [[nodiscard]] static bool take_idle(pool& mine, std::unique_lock<std::mutex>& lock, protocol spoken, lease& result,
                                        steady_time now, bool all_time)
    {
        while (auto const rested = mine.take_idle(spoken)) {
            std::size_t const used = ++mine.used;
            std::unique_ptr<connection> taken{rested->held};
            lock.unlock();
            result.pool_ = &mine;
            result.since_ = now;
            // Replies in text have no number that would tell those that nobody has asked for.
            bool const is_fresh = spoken == protocol::binary && now - rested->since < fresh_for;
            if (is_fresh || taken->still_open()) {
                taken->begin(all_time, used > 1);
                if (used > 1) mine.crowd_of_readers.see(used);
                result.connection_ = std::move(taken);
                result.used_before_ = true;
                return true;
            }
            taken.reset();
            result = lease{};
            lock.lock();
        }
        return false;
    }

    [[nodiscard]] std::optional<failure> connect(pool& mine, std::unique_lock<std::mutex>& lock, protocol spoken,
                                                 lease& result, steady_time deadline)
    {
        auto const now = std::chrono::steady_clock::now();
        if (now >= deadline) return failure{errc::timed_out}; // which says nothing of the server
        ++mine.used;
        bool const tries = mine.delay.count() != 0;
        if (tries) mine.tried = true;
        lock.unlock();
        result.pool_ = &mine;
        result.tries_ = tries;
        auto const limit = std::min(deadline, now + bounds_.connect_timeout);
        socket_handle socket;
        if (auto failed = connect_to(where_, limit, socket)) {
            std::lock_guard const guard{mine.mutex};
            mine.back_off(bounds_, failed->text());
            return failed;
        }
        result.connection_ =
            std::make_unique<connection>(std::move(socket), bounds_.timeout, bounds_.max_value_bytes, spoken);
        result.connection_->begin(false);
        result.since_ = std::chrono::steady_clock::now();
        return {};
    }

    address where_;
    limits bounds_;
    crowd readers_;
    std::atomic<pool*> pool_;
    std::atomic<bool> speaks_text_{false};
    std::atomic<steady_time::rep> no_text_before_{steady_time::min().time_since_epoch().count()};
};

} // namespace strata::detail::memcached
