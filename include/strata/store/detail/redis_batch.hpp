#pragma once

#include <strata/store/detail/redis_recording.hpp>
#include <strata/store/detail/redis_waiter.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

/// What threads that share a connection have sent and are about to send.
namespace strata::detail::redis {

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
