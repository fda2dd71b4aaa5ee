#pragma once

#include <strata/store/detail/redis_backoff.hpp>
#include <strata/store/detail/redis_connection.hpp>

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

/// One connection and the threads that share it.
namespace strata::detail::redis {

/// What goes over the wire for one operation.
struct exchange {
    std::string_view request;
    std::size_t replies;
    reply_handler& handler;
    bool repeatable; ///< It changes nothing in the server, so that it may be sent twice.
};

class line {
public:
    line(connection_settings const& settings, backoff& retries) noexcept : settings_{settings}, retries_{retries} {}

    /// Whether the caller got the line for itself without waiting; it must call `run` then.
    [[nodiscard]] bool try_lock() { return mutex_.try_lock(); }
    [[nodiscard]] bool try_lock(deadline const& until) { return mutex_.try_lock_until(until.at()); }
    void unlock() { mutex_.unlock(); }

    /// Sends the request and reads the replies. Only by whom the line is locked.
    [[nodiscard]] status run(exchange const& what, deadline const& until)
    {
        if (connection_ && idle_since_ + trust < deadline::clock::now() && connection_->stale()) connection_.reset();
        bool const reused = connection_ != nullptr;
        bool nothing_sent = true;
        status done = attempt(what, until, nothing_sent);
        if (!done && reused && nothing_sent) done = attempt(what, until, nothing_sent);
        return done;
    }

private:
    /// A connection that has been idle for longer is looked at before it is used.
    static constexpr std::chrono::milliseconds trust{100};

    status attempt(exchange const& what, deadline const& until, bool& may_repeat)
    {
        bool const fresh = connection_ == nullptr;
        if (fresh) {
            if (auto refused = retries_.refusal()) return *std::move(refused);
            if (status const opened = connection::open(settings_, until, connection_); !opened) {
                retries_.failed(opened.reason());
                return opened;
            }
            retries_.succeeded();
        }
        // Not in its place while it is used: whatever goes wrong, it is closed.
        auto used = std::move(connection_);
        status done = used->send(what.request, {}, until);
        for (std::size_t i = 0; done && i < what.replies; ++i) {
            done = used->receive(what.handler, until, i == 0 && !fresh);
        }
        may_repeat = !done && done.error() == errc::unavailable && !used->received() &&
                     (what.repeatable || !used->sent());
        if (done && used->rest()) {
            connection_ = std::move(used);
            idle_since_ = deadline::clock::now();
        }
        return done;
    }

    connection_settings const& settings_;
    backoff& retries_;
    std::timed_mutex mutex_;
    std::unique_ptr<connection> connection_;
    deadline::clock::time_point idle_since_;
};

} // namespace strata::detail::redis
