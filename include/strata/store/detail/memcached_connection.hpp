#pragma once

#include <strata/store/detail/fork.hpp>
#include <strata/store/detail/memcached_socket.hpp>
#include <strata/store/detail/memcached_wire.hpp>

#include <sched.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <cstring>
#include <optional>

namespace strata::detail::memcached {

/// What is to happen after a reply.
enum class next { reply, end, protocol_error };

/// When a conversation returns without a failure: when all is sent, or when the last reply has come as well. With `now`
/// it waits for nothing: where it would, it fails with `std::errc::operation_would_block`, and can be gone on with.
enum class until { sent, end, now };

/// A server tells from the first byte of a connection which one is spoken there, for as long as it lives.
enum class protocol : unsigned char { binary, text };

/// A connection, used by one thread at a time.
///
/// After any failure it must be thrown away: what it would read next can belong to an earlier request.
class connection {
public:
    connection(socket_handle socket, std::chrono::milliseconds timeout, std::size_t max_value,
               protocol spoken = protocol::binary)
        : socket_{std::move(socket)}
        , protocol_{spoken}
        , max_value_{max_value}
    {
        // Bounds the first wait of an operation without a call of its own; the later ones look at the clock.
        timeval const limit{timeout.count() / 1000, timeout.count() % 1000 * 1000};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        in_.resize(least, boost::container::default_init);
    }

    /// Starts an operation. `all_time` says that the whole time of an operation is still left, `busy` that other
    /// threads use the server at the same time: then it looks for the reply for a moment before it sleeps.
    void begin(bool all_time, bool busy = false)
    {
        trim();
        out_.clear();
        sent_ = 0;
        begin_ = end_ = 0;
        has_sent_ = false;
        received_ = false;
        wait_in_recv_ = all_time;
        pieces_ = 0;
        yields_ = busy ? most_yields : 0;
        patient_ = false;
    }

    /// For an operation for several threads, as if it had begun with `busy`.
    void look_first() noexcept { yields_ = most_yields; }

    /// For an operation whose replies are worth some of this processor's time: it looks for them for a while before it
    /// sleeps. Where that was in vain, as with a server far away, it is done ever more rarely.
    void be_patient() noexcept
    {
        if (yields_ > 0) return;
        look_until_ = {};
        patient_ = passes_ == 0;
        if (!patient_) --passes_;
    }

    [[nodiscard]] protocol speaks() const noexcept { return protocol_; }

    /// Says that time of the operation passes otherwise than by waiting for this connection.
    void count_time() noexcept { wait_in_recv_ = false; }

    /// Takes over the requests that `other` could not send, or got no answer to.
    void begin_again(connection& other)
    {
        begin(false);
        out_.swap(other.out_);
    }

    /// Where requests are written to.
    [[nodiscard]] send_buffer& out() noexcept { return out_; }

    /// The first of `count` numbers for requests, so that a reply to an earlier one is never taken for theirs.
    [[nodiscard]] std::uint32_t number(std::size_t count = 1) noexcept
    {
        return std::exchange(next_number_, next_number_ + static_cast<std::uint32_t>(count));
    }

    /// Whether any byte of this operation has gone out.
    [[nodiscard]] bool has_sent() const noexcept { return has_sent_; }
    /// Whether any reply to this operation has come.
    [[nodiscard]] bool has_received() const noexcept { return received_; }

    /// Neither requests nor replies are on their way.
    [[nodiscard]] bool at_rest() const noexcept
    {
        return all_sent_ && begin_ == end_ && to_skip_ == 0;
    }

    /// Forgets requests that are sent, to make room for more of the same operation.
    void forget_sent() noexcept
    {
        out_.clear();
        sent_ = 0;
    }

    /// Sends what the system takes at once.
    [[nodiscard]] std::optional<failure> push()
    {
        while (!has_sent_all()) {
            if (ssize_t const some = try_send({}); some >= 0) {
                sent_ += static_cast<std::size_t>(some);
                has_sent_ = true;
            } else if (errno == EAGAIN) {
                break;
            } else if (errno != EINTR) {
                return broken(errno);
            }
        }
        return {};
    }
    [[nodiscard]] bool has_sent_all() const noexcept { return sent_ == out_.size(); }

    /// To wait for, until a conversation can be gone on with.
    [[nodiscard]] pollfd awaited() const noexcept
    {
        return {socket_.get(), static_cast<short>(has_sent_all() ? POLLIN : POLLIN | POLLOUT), 0};
    }

    /// Whether nothing has come while nothing was asked. A server that went away has closed the connection.
    [[nodiscard]] bool still_open() const noexcept
    {
        char byte;
        return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR);
    }

    /// Sends what is in `out()`, and `tail` after it. Calls `on_reply` with each reply, which `replies` reads, as it
    /// comes, also while sending: a server that cannot get rid of its replies stops reading. `on_reply` says which one
    /// is the last. After that reply nothing is a failure any more, but the connection may not be at rest.
    template <class Replies, class OnReply>
    [[nodiscard]] std::optional<failure> converse(Replies&& replies, steady_time deadline, std::string_view tail,
                                                  until goal, OnReply&& on_reply)
    {
        bool const waits = goal != until::now;
        for (bool ended = false;;) {
            if (generation_ != fork_generation()) return failure{errc::unavailable, "the process was forked"};
            all_sent_ = sent_ == out_.size() + tail.size();
            if (all_sent_ && (goal == until::sent || ended)) return {};
            bool readable = true;
            std::optional<failure> failed;
            if (!all_sent_) failed = send_some(tail, deadline, waits, readable);
            if (!failed && readable) failed = receive_some(deadline, waits);
            if (ended) {
                if (failed) return {};
                continue;
            }
            if (failed) return failed;
            switch (take_replies(replies, on_reply)) {
            case next::reply: break;
            case next::end: ended = true; break;
            case next::protocol_error: return no_reply();
            }
        }
    }

private:
    /// To a busy client the server answers soon if it gets a processor, and who does not sleep need not be woken.
    static constexpr int most_yields = 12;
    /// About what it takes a thread of a virtual machine to fall asleep and be woken on another processor.
    static constexpr std::chrono::microseconds patience{100};
    static constexpr int most_passes = 63;
    /// A server that sends faster than we read never makes us wait, which is where the deadline is looked at. So it is
    /// after so many pieces, too.
    static constexpr unsigned unchecked_pieces = 8;
    static constexpr std::size_t least = std::size_t{16} << 10;
    static constexpr std::size_t plenty = std::size_t{256} << 10;
    static constexpr std::size_t most = std::size_t{1} << 20;

    /// Gives back what single large values have taken.
    void trim()
    {
        if (in_.size() > most) in_ = send_buffer(least, boost::container::default_init);
        if (out_.capacity() > most) out_ = send_buffer{};
    }

    /// Sends what the socket takes at once. If it takes nothing, waits until it does, or until there is something to be
    /// read: then `readable` becomes true, and else false. If it must not wait, that is for the caller to see.
    [[nodiscard]] std::optional<failure> send_some(std::string_view tail, steady_time deadline, bool waits,
                                                   bool& readable)
    {
        readable = false;
        for (;;) {
            if (ssize_t const some = try_send(tail); some >= 0) {
                sent_ += static_cast<std::size_t>(some);
                has_sent_ = true;
                return {};
            }
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return broken(errno);
            wait_in_recv_ = false;
            if (!waits) {
                readable = true;
                return {};
            }
            short const ready = wait_for(socket_.get(), POLLIN | POLLOUT, deadline);
            if (ready == 0) return failure{errc::timed_out};
            readable = (ready & ~POLLOUT) != 0;
            if (readable) return {};
        }
    }

    [[nodiscard]] ssize_t try_send(std::string_view tail) noexcept
    {
        constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
        if (tail.empty()) return ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, flags);
        iovec parts[2];
        std::size_t count = 0;
        if (sent_ < out_.size()) parts[count++] = {out_.data() + sent_, out_.size() - sent_};
        std::size_t const of_tail = sent_ < out_.size() ? 0 : sent_ - out_.size();
        parts[count++] = {const_cast<char*>(tail.data()) + of_tail, tail.size() - of_tail};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = count;
        return ::sendmsg(socket_.get(), &message, flags);
    }

    /// Waits for something to be read, unless there is more to be sent as well.
    [[nodiscard]] std::optional<failure> receive_some(steady_time deadline, bool waits)
    {
        for (;;) {
            bool const only_looks = looks_first();
            if (only_looks) ::sched_yield();
            // The first wait is in the call itself, which the socket bounds. Mostly it is the only one.
            int const flags = !only_looks && waits && std::exchange(wait_in_recv_, false) ? 0 : MSG_DONTWAIT;
            ssize_t const some = ::recv(socket_.get(), in_.data() + end_, in_.size() - end_, flags);
            if (some > 0) {
                end_ += static_cast<std::size_t>(some);
                if (++pieces_ % unchecked_pieces == 0 && std::chrono::steady_clock::now() >= deadline) {
                    return failure{errc::timed_out};
                }
                if (patient_) {
                    look_until_ = {};
                    last_passes_ = 0;
                }
                if (end_ == in_.size() && end_ < plenty) in_.resize(2 * end_, boost::container::default_init);
                return {};
            }
            if (some == 0) return failure{errc::unavailable, "the server closed the connection"};
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return broken(errno);
            if (!all_sent_ && waits) return {};
            if (only_looks) continue;
            if (!waits) return failure{std::errc::operation_would_block};
            if (wait_for(socket_.get(), POLLIN, deadline) == 0) return failure{errc::timed_out};
        }
    }

    /// Whether to look for what is to be read without waiting for it.
    [[nodiscard]] bool looks_first() noexcept
    {
        if (yields_ > 0) {
            --yields_;
            return true;
        }
        if (!patient_) return false;
        auto const now = std::chrono::steady_clock::now();
        if (look_until_ == steady_time{}) look_until_ = now + patience;
        if (now < look_until_) return true;
        patient_ = false;
        passes_ = last_passes_ = std::min(2 * last_passes_ + 1, most_passes);
        return false;
    }

    /// What is no reply can be the words of a server that has too many connections: text, whatever is spoken.
    [[nodiscard]] failure no_reply() const
    {
        constexpr std::string_view too_many = "ERROR Too many open connections";
        std::string_view const come{in_.data() + begin_, end_ - begin_};
        return !received_ && come.starts_with(too_many) ? failure{errc::unavailable, too_many} : errc::protocol;
    }

    [[nodiscard]] static failure broken(int error)
    {
        return {errc::unavailable, std::generic_category().message(error)};
    }

    template <class Replies, class OnReply> [[nodiscard]] next take_replies(Replies& replies, OnReply&& on_reply)
    {
        skip();
        for (;;) {
            reply one;
            framing const found = replies.read({in_.data() + begin_, end_ - begin_}, max_value_, one);
            if (found.is == framing::invalid) return next::protocol_error;
            if (found.is == framing::partial) {
                make_room(found.size);
                return next::reply;
            }
            begin_ += found.size;
            to_skip_ = found.to_skip;
            received_ = true;
            if (next const then = on_reply(one); then != next::reply) {
                if (begin_ == end_) begin_ = end_ = 0;
                return then;
            }
            skip();
        }
    }

    /// Drops what has come of a body that is not accepted.
    void skip() noexcept
    {
        std::size_t const some = std::min(to_skip_, end_ - begin_);
        begin_ += some;
        to_skip_ -= some;
    }

    /// Makes room for `whole` bytes from `begin_` on.
    void make_room(std::size_t whole)
    {
        std::size_t const there = end_ - begin_;
        if (begin_ != 0 && (there == 0 || begin_ + whole > in_.size())) {
            std::memmove(in_.data(), in_.data() + begin_, there);
            begin_ = 0;
            end_ = there;
        }
        if (whole > in_.size()) in_.resize(whole, boost::container::default_init);
    }

    socket_handle socket_;
    protocol protocol_;
    std::size_t max_value_;
    unsigned long generation_ = fork_generation();
    send_buffer out_;
    std::size_t sent_ = 0; // of `out_`, and then of the tail
    std::uint32_t next_number_ = 0;
    send_buffer in_;
    std::size_t begin_ = 0; // of what has come and was not taken yet
    std::size_t end_ = 0;
    std::size_t to_skip_ = 0; // of what is still to come
    bool has_sent_ = false;
    bool all_sent_ = true;
    bool received_ = false;
    bool wait_in_recv_ = false;
    unsigned pieces_ = 0; // of replies, received in this operation
    int yields_ = 0; // left to this operation
    bool patient_ = false;
    steady_time look_until_{};
    int passes_ = 0;      // so many operations are not patient
    int last_passes_ = 0; // since it was in vain last
};

} // namespace strata::detail::memcached
