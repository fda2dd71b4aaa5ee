#pragma once

#include <strata/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <random>

/// When to try again to connect to a server that could not be reached.
namespace strata::detail::redis {

/// After a failure nobody tries to connect for a while, which doubles with each failure and is spread at random, so
/// that many clients do not come back at the same moment; operations fail at once meanwhile, with what failed last.
/// When the time is over one thread tries, and the others still fail until it has succeeded. Safe from many threads.
class backoff {
public:
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    backoff(milliseconds first, milliseconds longest, milliseconds attempt) noexcept
        : first_{first}, longest_{longest}, attempt_{attempt}
    {
    }

    /// Why not to connect now; nothing: the caller shall try, and tell how it went.
    [[nodiscard]] std::optional<failure> refusal()
    {
        std::lock_guard const guard{mutex_};
        if (!last_) return std::nullopt;
        auto const now = clock::now();
        if (now < until_) return last_;
        until_ = now + attempt_;
        return std::nullopt;
    }

    /// What failed last, where nobody has succeeded since.
    [[nodiscard]] std::optional<failure> last_failure()
    {
        std::lock_guard const guard{mutex_};
        return last_;
    }

    void succeeded()
    {
        std::lock_guard const guard{mutex_};
        last_.reset();
        pause_ = {};
    }

    void failed(failure const& reason)
    {
        std::lock_guard const guard{mutex_};
        pause_ = std::clamp(2 * pause_, first_, longest_);
        std::uniform_int_distribution<milliseconds::rep> spread{pause_.count() / 2, pause_.count()};
        until_ = clock::now() + milliseconds{spread(random_)};
        if (reason.code() == errc::timed_out) { // for those who did not even wait
            last_ = failure{errc::unavailable, "the server did not answer in time when it was connected to last"};
        } else {
            last_ = reason;
        }
    }

private:
    milliseconds first_;
    milliseconds longest_;
    milliseconds attempt_;
    std::mutex mutex_;
    std::minstd_rand random_{std::random_device{}()};
    std::optional<failure> last_;
    milliseconds pause_{};
    clock::time_point until_;
};

} // namespace strata::detail::redis
