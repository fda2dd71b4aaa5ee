#pragma once

#include <strata/core/error.hpp>
#include <strata/core/lookup.hpp>
#include <strata/store/detail/redis_deadline.hpp>
#include <strata/store/detail/redis_tls.hpp>
#include <strata/store/detail/resolve.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

/// A connected stream socket whose every wait has a deadline.
namespace strata::detail::redis {

/// Where a server is: the path of a unix socket, or a host and a port.
struct endpoint {
    std::string host;
    std::uint16_t port = 0;
    std::string path;
#if STRATA_REDIS_TLS
    tls_context tls = {};         ///< Null: without TLS.
    std::string server_name = {}; ///< What the server's certificate must be for.
#endif
};

class socket {
public:
    socket() = default;
    socket(socket const&) = delete;
    socket& operator=(socket const&) = delete;
    ~socket()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    /// Connects `out`. `patience` is how long one `receive` that may wait will wait at most.
    [[nodiscard]] static status connect(endpoint const& to, deadline const& until, std::chrono::milliseconds patience,
                                        socket& out)
    {
        if (!to.path.empty()) {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            std::memcpy(address.sun_path, to.path.data(), to.path.size()); // its length was checked with the settings
            return out.reach(AF_UNIX, reinterpret_cast<sockaddr const*>(&address), sizeof address, until, patience);
        }
        address_list addresses;
        if (status const found = resolve(to.host, to.port, until.at(), addresses); !found) return found;
        failure last = errc::unavailable;
        for (addrinfo const* a = addresses.get(); a && !until.passed(); a = a->ai_next) {
            status const reached = out.reach(a->ai_family, a->ai_addr, a->ai_addrlen, until, patience);
            if (reached) return reached;
            last = reached.reason();
        }
        return last;
    }

    /// Encrypts from now on all that is sent, where that is wanted.
    [[nodiscard]] status secure([[maybe_unused]] endpoint const& peer, [[maybe_unused]] deadline const& until)
    {
#if STRATA_REDIS_TLS
        if (!peer.tls) return {};
        tls_ = std::make_unique<tls_session>(*peer.tls, fd_, peer.server_name);
        for (;;) {
            int const done = tls_->shake_hands();
            if (done > 0) return {};
            if (done == 0 || errno != EAGAIN) return failure{errc::unavailable, tls_->why()};
            if (wait(tls_->wants_to_write() ? POLLOUT : POLLIN, until) == 0) return errc::timed_out;
        }
#else
        return {};
#endif
    }

    enum class io { done, again, closed };

    /// Sends a short piece without waiting. False: not all could be sent; what was is taken off it.
    [[nodiscard]] bool send_whole(std::string_view& bytes) noexcept
    {
        ssize_t const n = send_some(bytes);
        if (n == static_cast<ssize_t>(bytes.size())) return true;
        if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
        return false;
    }

    /// Sends what it can of the two pieces without waiting, and takes it off them. A peer that has closed raises no
    /// signal.
    [[nodiscard]] io send(std::string_view& first, std::string_view& second) noexcept
    {
        ssize_t n;
        if (second.empty() || encrypts()) {
            n = send_some(first.empty() ? second : first);
        } else {
            iovec pieces[] = {{const_cast<char*>(first.data()), first.size()},
                              {const_cast<char*>(second.data()), second.size()}};
            msghdr message{};
            message.msg_iov = pieces;
            message.msg_iovlen = 2;
            n = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? io::again : io::closed;
        auto const sent = static_cast<std::size_t>(n);
        std::size_t const of_first = sent < first.size() ? sent : first.size();
        first.remove_prefix(of_first);
        second.remove_prefix(sent - of_first);
        return first.empty() && second.empty() ? io::done : io::again;
    }

    /// Closes the descriptor. Nothing may be done with the socket after it, not even its destruction.
    void disown() const noexcept { ::close(fd_); }

    /// Whether `receive` can wait: under TLS it never does, since the first byte to come may not be one for us.
    [[nodiscard]] bool can_wait() const noexcept { return !encrypts(); }

    /// Receives what is there: its length, 0 at the end of the stream, negative with `errno` otherwise. With `wait` it
    /// waits for the first byte, for as long as was said at `connect`.
    [[nodiscard]] ssize_t receive(char* to, std::size_t size, bool wait) noexcept
    {
#if STRATA_REDIS_TLS
        if (tls_) return tls_->receive(to, size);
#endif
        return ::recv(fd_, to, size, wait ? 0 : MSG_DONTWAIT);
    }

    /// Waits until one of the `events` of `poll` or the deadline; returns what happened, 0 at the deadline.
    [[nodiscard]] short wait(short events, deadline const& until) const noexcept
    {
#if STRATA_REDIS_TLS
        if (tls_ && (events & POLLIN) != 0 && tls_->has_received() && !until.passed()) return POLLIN;
#endif
        // Somebody who always has one more byte to send does not get around the deadline.
        while (int const left = until.remaining()) {
            pollfd one{fd_, events, 0};
            int const ready = ::poll(&one, 1, left);
            if (ready > 0) return one.revents;
            if (ready < 0 && errno != EINTR) return 0;
        }
        return 0;
    }

private:
    [[nodiscard]] bool encrypts() const noexcept
    {
#if STRATA_REDIS_TLS
        return tls_ != nullptr;
#else
        return false;
#endif
    }

    [[nodiscard]] ssize_t send_some(std::string_view bytes) noexcept
    {
#if STRATA_REDIS_TLS
        if (tls_) return tls_->send(bytes);
#endif
        return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    /// Connects to one address. After a failure it may be called again, for another one.
    [[nodiscard]] status reach(int family, sockaddr const* address, socklen_t length, deadline const& until,
                               std::chrono::milliseconds patience)
    {
        if (fd_ >= 0) ::close(fd_);
        fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd_ < 0) return broken(errno);
        if (::connect(fd_, address, length) != 0) {
            // A unix socket whose queue of connections is full says EAGAIN, and there is nothing to wait for.
            if (errno != EINPROGRESS) return broken(errno);
            if (wait(POLLOUT, until) == 0) return errc::timed_out;
            int error = 0;
            socklen_t size = sizeof error;
            if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
            if (error != 0) return broken(error);
        }
        if (family != AF_UNIX) {
            int const on = 1;
            ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        }
        timeval const limit{patience.count() / 1000, patience.count() % 1000 * 1000};
        if (::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) return broken(errno);
        int const flags = ::fcntl(fd_, F_GETFL);
        if (flags < 0 || ::fcntl(fd_, F_SETFL, flags & ~O_NONBLOCK) < 0) return broken(errno);
        return {};
    }

    static failure broken(int error)
    {
        return {errc::unavailable, std::error_code{error, std::generic_category()}.message()};
    }

    int fd_ = -1;
#if STRATA_REDIS_TLS
    std::unique_ptr<tls_session> tls_;
#endif
};

} // namespace strata::detail::redis
