#pragma once

#include <strata/store/detail/redis_recording.hpp>
#include <strata/store/detail/redis_waiter.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

/// What threads that share a connection have sent and are about to send.
namespace strata::detail::redis {

/// A request that was sent.
struct sent_request {
    waiter* who = nullptr; ///< Who waits for it, if anybody still does; under the lock of the line.
    reply_handler* own = nullptr; ///< Of the leader's own: where its replies go at once.
    reply_kinds expected{};
    std::size_t replies = 0; ///< Those still to come.
    bool repeatable = false;
    bool ask_apart = false; ///< As a part of an MGET it was not answered as by GET.
    recording kept{}; ///< The replies to all but the leader's own.

    [[nodiscard]] reply_handler& handler() noexcept { return own ? *own : static_cast<reply_handler&>(kept); }
};

/// The requests that were sent in one piece, in their order. It keeps its memory. But for `who` it is the leader's.
///
/// Where all are GETs they can go as one MGET, which costs the server less. What it answers with nil or an error is to
/// be asked by GET: MGET takes a key of another type for a missing one, and may be refused where GET is not.
class batch {
public:
    void clear() noexcept
    {
        text_.clear();
        keys_.clear();
        size_ = answered_ = delivered_ = gets_ = 0;
        merged_ = false;
    }

    /// Adds the leader's own request, which he sends from where it is.
    void add_own(exchange const& what)
    {
        add(what).own = &what.handler;
        add_key(what);
    }

    /// Makes one MGET of all, if all are GETs and so many that it pays.
    void merge()
    {
        if (gets_ < size_ || size_ < worth_merging) return;
        text_.clear();
        append_count(text_, 1 + size_);
        append_argument(text_, "MGET");
        text_.append(keys_.view());
        merged_ = true;
    }
    [[nodiscard]] bool merged() const noexcept { return merged_; }

    /// Adds another one; its text is copied.
    void add(waiter& one)
    {
        text_.append(one.what.request);
        add_key(one.what);
        add(one.what).who = &one;
        one.slot = size_ - 1;
    }

    /// All requests but the leader's own; once merged, all.
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
    static constexpr std::size_t worth_merging = 8; ///< Fewer are answered as soon one by one.

    void add_key(exchange const& what)
    {
        std::size_t const at = what.merges_from();
        if (at == 0) return;
        keys_.append(what.request.substr(at));
        ++gets_;
    }

    sent_request& add(exchange const& what)
    {
        if (size_ == slots_.size()) slots_.emplace_back();
        sent_request& made = slots_[size_];
        made.who = nullptr;
        made.own = nullptr;
        made.expected = what.expected;
        made.replies = what.replies;
        made.repeatable = what.repeatable;
        made.ask_apart = false;
        made.kept.clear();
        ++size_;
        return made;
    }

    std::vector<sent_request> slots_;
    send_buffer text_;
    send_buffer keys_; ///< Of those that are GETs.
    std::size_t gets_ = 0;
    bool merged_ = false;
    std::size_t size_ = 0;
    std::size_t answered_ = 0;
    std::size_t delivered_ = 0;
};

/// The reply to a merged batch, or what is left of it. It gives each request what GET would, or marks it.
class merged_reply final : public reply_handler {
public:
    static constexpr reply_kinds expected{reply_kind::array, reply_kind::error};

    explicit merged_reply(batch& of) noexcept : batch_{of} {}

    bool take(reply_part const& part) override
    {
        if (part.depth == 0 && part.kind == reply_kind::array) {
            return part.number >= 0 && static_cast<std::size_t>(part.number) == batch_.size();
        }
        if (part.depth == 0) {
            refused_ = true;
            while (!batch_.complete()) mark();
            return true;
        }
        if (part.depth > 1 || batch_.complete()) return false;
        switch (part.kind) {
        case reply_kind::nil:
        case reply_kind::error: mark(); return true;
        case reply_kind::bulk: break;
        default: return false;
        }
        bool const taken = batch_.current().handler().take({part.kind, 0, 0, part.text, part.number});
        batch_.count_reply();
        return taken;
    }

    /// Whether any was marked, and whether because there was no MGET at all.
    [[nodiscard]] bool marked() const noexcept { return marked_; }
    [[nodiscard]] bool refused() const noexcept { return refused_; }

private:
    void mark() noexcept
    {
        marked_ = batch_.current().ask_apart = true;
        batch_.count_reply();
    }

    batch& batch_;
    bool marked_ = false;
    bool refused_ = false;
};

} // namespace strata::detail::redis
