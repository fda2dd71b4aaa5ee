#pragma once

#include <strata/store/detail/fork.hpp>
#include <strata/store/detail/memcached_company.hpp>
#include <strata/store/detail/memcached_connection.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

/// The connections of a process to one server.
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

/// Those that nobody uses, and what is known of the server. But for `give_back` and what says otherwise, its functions
/// are called, and its members touched, under its mutex.
struct pool {
    struct resting {
        connection* held;
        steady_time since;  ///< The beginning of its last operation.
        void const* thread; ///< The one that used it last.
    };

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<resting> idle; ///< In the order of their last use.
    std::size_t used = 0;
    steady_time next_attempt{};
    std::chrono::milliseconds delay{0};
    bool tried = false; ///< By one thread, for which the others do not wait.
    failure last_failure{errc::unavailable};
    std::minstd_rand random{std::random_device{}()};
    unsigned long const generation = fork_generation();
    std::unique_ptr<pool> parents; ///< What a child of `fork` has from its parent and cannot use.
    company readers;               ///< Has a mutex of its own.
    crowd& crowd_of_readers;       ///< Needs none.

    pool(std::size_t connections, crowd& seen) : crowd_of_readers{seen} { idle.reserve(connections); }
    pool(pool&&) = delete;
    ~pool() { leave(); }

    /// Closes what is idle, if that can be done safely: after `fork`, a thread that is gone may hold the mutex. Takes
    /// it itself.
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

    /// The connection that this thread has used, so that the same processors go on with it; else the one that was not
    /// used for longest; nothing where there is none.
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

    /// Ends the use of a connection; `kept` is null where it is closed. Takes the mutex.
    void give_back(std::unique_ptr<connection> kept, steady_time since, bool was_tried) noexcept
    {
        if (generation != fork_generation()) return;
        if (kept && !kept->at_rest()) kept.reset();
        bool const closed = !kept;
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
        // Where one is closed the server may be gone for all who wait: the first of them would not tell the others.
        closed ? changed.notify_all() : changed.notify_one();
    }
};

/// A connection for the life of this object. It goes back to the others if `keep` was called and it is at rest, and is
/// closed else.
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
    friend class server;

    pool* pool_ = nullptr;
    std::unique_ptr<connection> connection_;
    steady_time since_{};
    bool used_before_ = false;
    bool keep_ = false;
    bool tries_ = false; // whether the server is there again
};

} // namespace strata::detail::memcached
