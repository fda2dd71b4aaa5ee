#pragma once

#include <strata/store/detail/memcached_connection.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace strata::detail::memcached {

/// What the connections to each server have in common.
struct limits {
    std::chrono::milliseconds connect_timeout;
    std::chrono::milliseconds timeout;
    std::size_t connections; ///< At most so many to each server.
    std::size_t max_value_bytes;
    std::chrono::milliseconds min_backoff; ///< After a first failure to connect; doubled after each further one,
    std::chrono::milliseconds max_backoff; ///< up to this.
};

/// One server and the connections to it. Safe from many threads.
///
/// A connection that failed is never used again. After a failed attempt to connect, or an exchange that has timed out,
/// operations fail at once until a delay has passed, which doubles from one to the next until there is an answer, less
/// up to half of it at random.
class server {
    struct pool;

public:
    server(address where, limits bounds)
        : where_{std::move(where)}, bounds_{bounds}, pool_{new pool{bounds.connections}}
    {
    }
    server(server&&) = delete;
    ~server() { delete pool_.load(); }

    /// A connection for the life of this object. It goes back to the others if `keep` was called and it is at rest,
    /// and is closed else.
    class lease {
    public:
        lease() = default;
        lease(lease&& other) noexcept
            : pool_{std::exchange(other.pool_, nullptr)}
            , connection_{std::move(other.connection_)}
            , since_{other.since_}
            , used_before_{other.used_before_}
            , keep_{other.keep_}
            , tries_{other.tries_}
        {
        }
        lease& operator=(lease&& other) noexcept
        {
            std::swap(pool_, other.pool_);
            std::swap(connection_, other.connection_);
            std::swap(since_, other.since_);
            std::swap(used_before_, other.used_before_);
            std::swap(keep_, other.keep_);
            std::swap(tries_, other.tries_);
            return *this;
        }
        ~lease()
        {
            if (pool_) pool_->give_back(keep_ ? std::move(connection_) : nullptr, since_, tries_);
        }

        [[nodiscard]] explicit operator bool() const noexcept { return connection_ != nullptr; }
        [[nodiscard]] connection* operator->() const noexcept { return connection_.get(); }
        [[nodiscard]] connection& operator*() const noexcept { return *connection_; }

        /// Whether earlier operations used the connection, so that it may have gone stale meanwhile.
        [[nodiscard]] bool used_before() const noexcept { return used_before_; }

        void keep() noexcept { keep_ = true; }

    private:
        friend server;

        pool* pool_ = nullptr;
        std::unique_ptr<connection> connection_;
        steady_time since_{};
        bool used_before_ = false;
        bool keep_ = false;
        bool tries_ = false; // whether the server is there again
    };

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
            late = mine.changed.wait_until(lock, deadline) == std::cv_status::timeout;
            now = std::chrono::steady_clock::now();
        }
        return connect(mine, lock, protocol::binary, result, deadline);
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
    /// to accept connections for it.
    void did_not_answer()
    {
        pool& mine = own();
        std::lock_guard const guard{mine.mutex};
        mine.drop_idle();
        mine.back_off(bounds_, where_.text() + ": the server did not answer in time");
    }

    [[nodiscard]] address const& where() const noexcept { return where_; }

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

    struct resting {
        connection* held;
        steady_time since;    // the beginning of its last operation
        void const* thread;   // the one that used it last
    };

    struct pool {
        std::mutex mutex;
        std::condition_variable changed;
        std::vector<resting> idle; // in the order of their last use
        std::size_t used = 0;
        steady_time next_attempt{};
        std::chrono::milliseconds delay{0};
        bool tried = false; // by one thread, for which the others do not wait
        failure last_failure{errc::unavailable};
        std::minstd_rand random{std::random_device{}()};
        unsigned long generation = fork_generation();
        std::unique_ptr<pool> parents; // what a child of `fork` has from its parent and cannot use

        explicit pool(std::size_t connections) { idle.reserve(connections); }
        pool(pool&&) = delete;
        ~pool() { leave(); }

        /// Closes what is idle, if that can be done safely: after `fork`, a thread that is gone may hold the mutex.
        void leave() noexcept
        {
            if (!mutex.try_lock()) return;
            drop_idle();
            mutex.unlock();
        }

        /// What tells the running thread from all others.
        [[nodiscard]] static void const* this_thread() noexcept
        {
            thread_local char const here = 0;
            return &here;
        }

        /// The connection that this thread has used, so that the same processors go on with it; else the one that was
        /// not used for longest; nothing where there is none.
        [[nodiscard]] std::optional<resting> take_idle(protocol spoken) noexcept
        {
            auto const speaks = [&](resting const& each) { return each.held->speaks() == spoken; };
            auto const own = std::find_if(idle.rbegin(), idle.rend(), [&, me = this_thread()](resting const& each) {
                return each.thread == me && speaks(each);
            });
            auto const at = own == idle.rend() ? std::find_if(idle.begin(), idle.end(), speaks) : std::prev(own.base());
            if (at == idle.end()) return {};
            resting const taken = *at;
            idle.erase(at);
            return taken;
        }

        /// Whether to fail at once.
        [[nodiscard]] bool is_down(steady_time now) const noexcept { return tried || now < next_attempt; }

        /// Starts a pause, unless there is one: then another thread has noticed the same.
        void back_off(limits const& bounds, std::string_view why)
        {
            auto const now = std::chrono::steady_clock::now();
            if (now < next_attempt) return;
            delay = std::clamp(2 * delay, bounds.min_backoff, bounds.max_backoff);
            auto const whole = delay.count();
            next_attempt = now + std::chrono::milliseconds{
                                     std::uniform_int_distribution<std::int64_t>{(whole + 1) / 2, whole}(random)};
            last_failure = failure{errc::unavailable, why};
        }

        void drop_idle() noexcept
        {
            for (resting const& each : idle) delete each.held;
            idle.clear();
        }

        void drop_oldest() noexcept
        {
            delete idle.front().held;
            idle.erase(idle.begin());
        }

        void give_back(std::unique_ptr<connection> kept, steady_time since, bool was_tried) noexcept
        {
            if (generation != fork_generation()) return;
            if (kept && !kept->at_rest()) kept.reset();
            {
                std::lock_guard const guard{mutex};
                --used;
                if (was_tried) tried = false;
                if (kept && delay.count() != 0) {
                    delay = {};
                    next_attempt = {};
                }
                if (kept) idle.push_back({kept.release(), since, this_thread()}); // there is room for all
            }
            changed.notify_one();
        }
    };

    /// The pool of this process.
    pool& own()
    {
        pool* found = pool_.load(std::memory_order_acquire);
        while (found->generation != fork_generation()) {
            auto fresh = std::make_unique<pool>(bounds_.connections);
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
            bool const company = ++mine.used > 1;
            std::unique_ptr<connection> taken{rested->held};
            lock.unlock();
            result.pool_ = &mine;
            result.since_ = now;
            // Replies in text have no number that would tell those that nobody has asked for.
            bool const is_fresh = spoken == protocol::binary && now - rested->since < fresh_for;
            if (is_fresh || taken->still_open()) {
                taken->begin(all_time, company);
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
    std::atomic<pool*> pool_;
    std::atomic<bool> speaks_text_{false};
    std::atomic<steady_time::rep> no_text_before_{steady_time::min().time_since_epoch().count()};
};

} // namespace strata::detail::memcached
