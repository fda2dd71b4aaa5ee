#pragma once

#include <strata/core/lookup.hpp>
#include <strata/core/scratch.hpp>
#include <strata/store/detail/redis_recording.hpp>
#include <strata/store/detail/redis_reply.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

/// What threads that share a connection send and wait for.
namespace strata::detail::redis {

/// What goes over the wire for one operation.
struct exchange {
    std::string_view request;
    std::size_t replies;
    reply_kinds expected; ///< What each reply may be as a whole.
    bool repeatable;      ///< It changes nothing in the server, so that it may be sent twice.
    reply_handler& handler;

    /// Too large to be copied for another thread to send, or to let many small ones wait.
    [[nodiscard]] bool large() const noexcept { return request.size() > 16 * 1024; }
};

/// Where a thread stands that waits while another one leads.
enum class place {
    queued,     ///< Its request has not been sent.
    sent,       ///< Its request has been sent.
    leads,      ///< It shall send its request itself.
    takes_over, ///< Its request has been sent, and it shall read the replies itself.
    answered    ///< `outcome` and, unless that is a failure, `replies` are there.
};

/// Such a thread. All of it but `at` is read and written under the lock of the line, or by the thread itself after it
/// has been told to lead or was answered.
struct waiter {
    exchange const& what;
    std::atomic<place> at{place::queued};
    std::condition_variable wake{};
    waiter* previous = nullptr;
    waiter* next = nullptr;
    std::size_t slot = 0;
    status outcome{};
    bool again = false; ///< It failed, and may be sent once more.
    scratch<recording> replies{};

    [[nodiscard]] bool waits() const noexcept
    {
        place const now = at.load(std::memory_order_acquire);
        return now == place::queued || now == place::sent;
    }

    /// Under the lock, since the thread must not have gone before it is woken.
    void move_to(place where) noexcept
    {
        at.store(where, std::memory_order_release);
        if (where != place::sent) wake.notify_one();
    }
};

/// The threads whose requests have not been sent, in the order in which they came.
class waiting_line {
public:
    [[nodiscard]] waiter* first() const noexcept { return first_; }

    void push(waiter& one) noexcept
    {
        one.previous = last_;
        (last_ ? last_->next : first_) = &one;
        last_ = &one;
    }
    void remove(waiter& one) noexcept
    {
        (one.previous ? one.previous->next : first_) = one.next;
        (one.next ? one.next->previous : last_) = one.previous;
        one.previous = one.next = nullptr;
    }

private:
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// A request that was sent.
struct sent_request {
    waiter* who = nullptr; ///< Who waits for it, if anybody still does; under the lock of the line.
    reply_handler* own = nullptr; ///< Of the leader's own: where its replies go at once.
    reply_kinds expected{};
    std::size_t replies = 0; ///< Those still to come.
    bool repeatable = false;
    recording kept{}; ///< The replies to all but the leader's own.

    [[nodiscard]] reply_handler& handler() noexcept { return own ? *own : static_cast<reply_handler&>(kept); }
};

/// The requests that were sent in one piece, in their order. It keeps its memory. But for `who` it is the leader's.
class batch {
public:
    void clear() noexcept
    {
        text_.clear();
        size_ = answered_ = delivered_ = 0;
    }

    /// Adds the leader's own request, which he sends from where it is.
    void add_own(exchange const& what) { add(what).own = &what.handler; }

    /// Adds another one; its text is copied.
    void add(waiter& one)
    {
        text_.append(one.what.request);
        add(one.what).who = &one;
        one.slot = size_ - 1;
    }

    [[nodiscard]] std::string_view text() const noexcept { return text_.view(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] sent_request& operator[](std::size_t i) noexcept { return slots_[i]; }

    /// Requests are answered in their order.
    [[nodiscard]] std::size_t answered() const noexcept { return answered_; }
    [[nodiscard]] bool complete() const noexcept { return answered_ == size_; }
    [[nodiscard]] sent_request& current() noexcept { return slots_[answered_]; }
    void count_reply() noexcept
    {
        if (--current().replies == 0) ++answered_;
    }

    /// The next answered request that nobody has been told of.
    [[nodiscard]] sent_request* next_to_deliver() noexcept
    {
        return delivered_ < answered_ ? &slots_[delivered_++] : nullptr;
    }

private:
    sent_request& add(exchange const& what)
    {
        if (size_ == slots_.size()) slots_.emplace_back();
        sent_request& made = slots_[size_];
        made.who = nullptr;
        made.own = nullptr;
        made.expected = what.expected;
        made.replies = what.replies;
        made.repeatable = what.repeatable;
        made.kept.clear();
        ++size_;
        return made;
    }

    std::vector<sent_request> slots_;
    send_buffer text_;
    std::size_t size_ = 0;
    std::size_t answered_ = 0;
    std::size_t delivered_ = 0;
};

} // namespace strata::detail::redis
