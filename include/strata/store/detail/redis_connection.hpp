#pragma once

#include <strata/store/detail/redis_error.hpp>
#include <strata/store/detail/redis_reader.hpp>
#include <strata/store/detail/redis_request.hpp>
#include <strata/store/detail/redis_socket.hpp>

#include <boost/config.hpp>

#include <sched.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// One connection to a Redis server, logged in.
namespace strata::detail::redis {

/// All that a new connection needs to know.
struct connection_settings {
    endpoint server;
    std::string user;
    std::string password;
    std::string client_name;
    unsigned database = 0;
    std::chrono::milliseconds connect_timeout{};
    std::chrono::milliseconds timeout{};
    std::size_t max_value_bytes = 0;
};

/// After any failure it must not be used again: what comes next on it may be the answer to somebody else.
class connection {
public:
    /// Connects and logs in within the deadline.
    [[nodiscard]] static status open(connection_settings const& settings, deadline const& until,
                                     std::unique_ptr<connection>& out)
    {
        auto made = std::make_unique<connection>(settings.max_value_bytes);
        deadline const soon = until.within(settings.connect_timeout);
        if (status const reached = socket::connect(settings.server, soon, settings.timeout, made->socket_); !reached) {
            return reached;
        }
        if (status const secured = made->socket_.secure(settings.server, soon); !secured) return secured;
        if (status const logged_in = made->log_in(settings, soon); !logged_in) return logged_in;
        out = std::move(made);
        return {};
    }

    explicit connection(std::size_t max_value_bytes) : reader_{max_value_bytes} {}

    /// Sends both pieces. What the server says meanwhile is kept.
    [[nodiscard]] BOOST_FORCEINLINE bool send(std::string_view first, std::string_view second, deadline const& until)
    {
        received_ = false;
        sent_ = true;
        waited_ = false;
        std::size_t const whole = first.size() + second.size();
        if (second.empty() && socket_.send_whole(first)) return true;
        return send_rest(first, second, whole, until);
    }

    enum class progress { complete, incomplete, failed };

    /// Hands the next reply to `handler`, as far as it has been received; one of another kind fails.
    [[nodiscard]] BOOST_FORCEINLINE progress next(reply_handler& handler, reply_kinds expected)
    {
        auto const state = reader_.next(handler, expected);
        return BOOST_LIKELY(state == reader::state::complete) ? progress::complete : without_reply(state);
    }

    /// Receives more. With `at_once` nothing has been waited for yet, so that the whole time that an operation has is
    /// left: then one system call does. Before it waits it lets others run, and looks again, up to `yields` times.
    [[nodiscard]] BOOST_FORCEINLINE bool fill(deadline const& until, bool at_once, int yields = 0)
    {
        for (; BOOST_UNLIKELY(yields > 0) && !closed_; --yields) {
            ::sched_yield();
            if (pull(false)) return true;
        }
        if (at_once && !waited_ && socket_.can_wait()) {
            if (BOOST_LIKELY(pull(true))) return true;
            waited_ = true;
            if (!closed_ && (errno == EAGAIN || errno == EWOULDBLOCK)) return fail(errc::timed_out);
        }
        return await(until);
    }

    /// Why the last `send`, `next` or `fill` failed.
    [[nodiscard]] failure const& reason() const noexcept { return reason_; }

    /// Whether anything was sent by the last `send`, and whether anything was received since.
    [[nodiscard]] bool sent() const noexcept { return sent_; }
    [[nodiscard]] bool received() const noexcept { return received_; }

    /// To be called when all replies have been read. False: the server is about to close the connection, or has sent
    /// what nobody asked for, and the connection must not be used again.
    [[nodiscard]] bool rest() noexcept
    {
        return !closed_ && reader_.pending() == 0 && !reader_.ending() && reader_.shrink();
    }

    /// Closes the descriptor and leaves all else as it is. Nothing may be done with the connection after it.
    void disown() const noexcept { socket_.disown(); }

    /// Whether the server has closed the connection meanwhile, or sent what nobody asked for.
    [[nodiscard]] bool stale() noexcept
    {
        char byte;
        return socket_.receive(&byte, 1, false) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

private:
    static constexpr reply_kinds short_reply{reply_kind::status, reply_kind::error, reply_kind::integer};

    static constexpr std::size_t most_early = std::size_t{16} << 20;

    bool fail(failure reason) noexcept
    {
        reason_ = std::move(reason);
        return false;
    }

    BOOST_NOINLINE bool send_rest(std::string_view first, std::string_view second, std::size_t whole,
                                  deadline const& until)
    {
        for (;;) {
            auto const outcome = socket_.send(first, second);
            sent_ = first.size() + second.size() < whole;
            if (outcome == socket::io::done) return true;
            if (outcome == socket::io::closed) return closed_while_sending();
            waited_ = true;
            // A server may answer the first requests before it reads the last ones.
            bool const listens = reader_.pending() < most_early;
            short const ready = socket_.wait(listens ? POLLIN | POLLOUT : POLLOUT, until);
            if (ready == 0) return fail(errc::timed_out);
            if (listens && (ready & POLLIN) != 0 && !pull(false)) return closed_while_sending();
        }
    }

    /// What `next` returns where there is no whole reply.
    BOOST_NOINLINE progress without_reply(reader::state state)
    {
        if (state == reader::state::incomplete) return progress::incomplete;
        reason_ = state == reader::state::too_large
                      ? failure{errc::too_large, "the reply is larger than Redis.max_value_bytes"}
                      : failure{errc::protocol};
        return progress::failed;
    }

    /// Receives more, and waits for it.
    BOOST_NOINLINE bool await(deadline const& until)
    {
        while (!closed_) {
            if (socket_.wait(POLLIN, until) == 0) return fail(errc::timed_out);
            if (pull(false)) return true;
        }
        return false;
    }

    /// Receives what is there. False: nothing was; `closed_` says whether more can come.
    BOOST_FORCEINLINE bool pull(bool wait)
    {
        auto const n = reader_.fill([&](char* to, std::size_t size) { return socket_.receive(to, size, wait); });
        if (BOOST_LIKELY(n > 0)) return received_ = true;
        return pulled_nothing(n);
    }

    BOOST_NOINLINE bool pulled_nothing(ssize_t n)
    {
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
        closed_ = true;
        return fail({errc::unavailable, n == 0 ? "the server closed the connection"
                                               : std::error_code{errno, std::generic_category()}.message()});
    }

    /// A server that refuses a request says why and closes, in the middle of what it is sent: its words may be here.
    bool closed_while_sending()
    {
        reason_ = failure{errc::unavailable, "the server closed the connection"};
        for (int i = 0; i < 8 && !closed_ && pull(false); ++i) {}
        last_words words;
        while (reader_.next(words, short_reply) == reader::state::complete) {}
        if (words.reason) reason_ = *words.reason;
        return false;
    }

    [[nodiscard]] bool receive(reply_handler& handler, deadline const& until)
    {
        for (;;) {
            switch (next(handler, short_reply)) {
            case progress::complete: return true;
            case progress::failed: return false;
            case progress::incomplete: break;
            }
            if (!fill(until, false)) return false;
        }
    }

    /// Keeps the error if it is one.
    struct last_words final : reply_handler {
        std::optional<failure> reason;

        bool take(reply_part const& part) override
        {
            if (part.kind == reply_kind::error) reason = from_server(part.text);
            return true;
        }
    };

    /// Logs in, and sees whether somebody is there and can serve: a connection to a stopped server succeeds at once.
    [[nodiscard]] status log_in(connection_settings const& settings, deadline const& until)
    {
        send_buffer request;
        std::size_t replies = 1;
        if (!settings.user.empty() || !settings.password.empty()) {
            ++replies;
            settings.user.empty() ? append_command(request, "AUTH", settings.password)
                                  : append_command(request, "AUTH", settings.user, settings.password);
        }
        if (settings.database != 0) {
            ++replies;
            append_command(request, "SELECT", std::to_string(settings.database));
        }
        bool const named = !settings.client_name.empty();
        if (named) append_command(request, "CLIENT", "SETNAME", settings.client_name);
        append_command(request, "PING");

        bool going = send(request.view(), {}, until);
        std::optional<failure> refused;
        for (std::size_t i = 0; going && i < replies + (named ? 1 : 0); ++i) {
            last_words reply;
            going = receive(reply, until);
            bool const needed = i + 1 < replies;
            bool const fatal = reply.reason && (needed || reply.reason->code() == errc::unavailable ||
                                                reply.reason->text().starts_with("NOAUTH") || reader_.ending());
            if (fatal && !refused) refused = without(settings.password, *reply.reason);
        }
        if (refused) return *refused;
        return going ? status{} : status{without(settings.password, reason_)};
    }

    /// The failure, without the server's words if those have the secret in them.
    [[nodiscard]] static failure without(std::string_view secret, failure const& reason) noexcept
    {
        bool const tells = !secret.empty() && reason.text().find(secret) != std::string_view::npos;
        return tells ? failure{reason.code()} : reason;
    }

    socket socket_;
    reader reader_;
    failure reason_ = errc::unavailable;
    bool closed_ = false;
    bool sent_ = false;
    bool received_ = false;
    bool waited_ = false;
};

} // namespace strata::detail::redis
