#pragma once

#include <strata/core/lookup.hpp>
#include <strata/core/scratch.hpp>
#include <strata/store/detail/redis_deadline.hpp>
#include <strata/store/detail/redis_recording.hpp>
#include <strata/store/detail/redis_reply.hpp>
#include <strata/store/detail/redis_request.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <ctime>
#include <string_view>

/// A thread whose request another thread sends.
namespace strata::detail::redis {

/// What goes over the wire for one operation.
struct exchange {
    std::string_view request;
    std::size_t replies;
    reply_kinds expected; ///< What each reply may be as a whole.
    bool repeatable;      ///< It changes nothing in the server, so that it may be sent twice.
    reply_handler& handler;
    bool apart = false; ///< It is not to be merged with others.

    /// Where the key begins in the GET of one key, as an argument of any request; 0 if it is none.
    [[nodiscard]] std::size_t merges_from() const noexcept
    {
        static constexpr auto begin = header<1, "GET">;
        return !apart && replies == 1 && request.starts_with(begin.view()) ? begin.view().size() - 1 : 0;
    }

    /// Too large to be copied for another thread to send, or to let many small ones wait.
    [[nodiscard]] bool large() const noexcept { return request.size() > 16 * 1024; }
};

/// Where a thread stands that waits while another one leads.
enum class place : unsigned {
    queued = 0,     ///< Its request has not been sent.
    sent = 1,       ///< Its request has been sent.
    leads = 2,      ///< It shall send its request itself.
    takes_over = 3, ///< Its request has been sent, and it shall read the replies itself.
    answered = 4    ///< `outcome` and, unless that is a failure, `replies` are there.
};

/// Such a thread. It lives on that thread's stack: from the moment when it is told to lead or is answered it may be
/// gone. Until then it is touched under the lock of the line alone, but for `place_`.
class waiter {
public:
    explicit waiter(exchange const& request) noexcept : what{request} {}

    exchange const& what;
    waiter* previous = nullptr;
    waiter* next = nullptr;
    std::size_t slot = 0;
    status outcome{};
    bool again = false; ///< It failed, and may be sent once more.
    scratch<recording> replies{};

    [[nodiscard]] place at() const noexcept
    {
        return static_cast<place>(place_.load(std::memory_order_acquire) & ~asleep);
    }
    [[nodiscard]] bool waits() const noexcept { return at() == place::queued || at() == place::sent; }

    /// From `queued`.
    void mark_sent() noexcept { place_.fetch_or(static_cast<unsigned>(place::sent), std::memory_order_acq_rel); }

    /// Ends the waiting. What is returned is to be given to `wake` if it is not null.
    [[nodiscard]] std::atomic<unsigned>* move_to(place where) noexcept
    {
        auto* const address = &place_;
        unsigned const before = place_.exchange(static_cast<unsigned>(where), std::memory_order_acq_rel);
        return (before & asleep) != 0 ? address : nullptr;
    }

    /// The thread's own: sleeps until it no longer waits or the deadline has passed.
    void sleep(deadline const& until) noexcept
    {
        while (waits()) {
            unsigned const now = place_.fetch_or(asleep, std::memory_order_acq_rel) | asleep;
            if ((now & ~asleep) > static_cast<unsigned>(place::sent)) return;
            int const left = until.remaining();
            if (left == 0) return;
            timespec const limit{left / 1000, left % 1000 * 1'000'000L};
            ::syscall(SYS_futex, &place_, FUTEX_WAIT_PRIVATE, now, &limit, nullptr, 0);
        }
    }

    /// Wakes the thread that sleeps at `address`. It needs not be there any more: to wake nobody does no harm.
    static void wake(std::atomic<unsigned>* address) noexcept
    {
        if (address) ::syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }

private:
    static constexpr unsigned asleep = 8;

    std::atomic<unsigned> place_{static_cast<unsigned>(place::queued)};
};

} // namespace strata::detail::redis
