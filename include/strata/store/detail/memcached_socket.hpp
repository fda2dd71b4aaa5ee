#pragma once

#include <strata/core/error.hpp>
#include <strata/store/detail/resolve.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace strata::detail::memcached {

using steady_time = std::chrono::steady_clock::time_point;

/// Where a server listens: a host and a port, or the path of a unix socket.
struct address {
    std::string host; ///< The path, where `port` is 0.
    std::uint16_t port = 0;

    [[nodiscard]] bool is_path() const noexcept { return port == 0; }

    /// From "host", "host:port", "[::1]:port" or "/path". The port is 11211 unless it is given.
    /// Throws `std::invalid_argument` for anything else.
    [[nodiscard]] static address parse(std::string const& text)
    {
        auto const wrong = [&](char const* why) {
            return std::invalid_argument{"Memcached.servers: \"" + text + "\" " + why};
        };
        if (text.find('\0') != text.npos) throw wrong("has a zero byte in it");
        if (text.starts_with('/')) {
            if (text.size() >= sizeof(sockaddr_un::sun_path)) throw wrong("is too long for a unix socket");
            return {text, 0};
        }
        std::string_view host = text;
        std::optional<std::string_view> port;
        if (auto const bracket = host.find(']'); host.starts_with('[') && bracket != host.npos) {
            std::string_view const rest = host.substr(bracket + 1);
            if (!rest.empty() && rest[0] != ':') throw wrong("is not \"host:port\" or \"/path\"");
            if (!rest.empty()) port = rest.substr(1);
            host = host.substr(1, bracket - 1);
        } else if (auto const colon = host.find(':'); colon != host.npos) {
            if (host.find(':', colon + 1) != host.npos) throw wrong("needs brackets around an IPv6 address");
            port = host.substr(colon + 1);
            host = host.substr(0, colon);
        }
        if (host.empty()) throw wrong("has no host");
        std::uint16_t number = 11211;
        if (port) {
            auto const [end, error] = std::from_chars(port->data(), port->data() + port->size(), number);
            if (error != std::errc{} || end != port->data() + port->size() || number == 0) {
                throw wrong("has no port from 1 to 65535");
            }
        }
        return {std::string{host}, number};
    }

    [[nodiscard]] std::string text() const { return is_path() ? host : host + ":" + std::to_string(port); }
};

/// A socket that is closed with this object.
class socket_handle {
public:
    socket_handle() = default;
    explicit socket_handle(int fd) noexcept : fd_{fd} {}
    socket_handle(socket_handle&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    socket_handle& operator=(socket_handle&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~socket_handle()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// Waits until one of the sockets has what it is awaited for (or an error). False once the deadline has passed.
[[nodiscard]] inline bool wait_for_any(pollfd* awaited, std::size_t count, steady_time deadline) noexcept
{
    using namespace std::chrono;
    for (;;) {
        auto const left = ceil<milliseconds>(deadline - steady_clock::now()).count();
        if (left <= 0) return false;
        int const ready = ::poll(awaited, count, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) {
            awaited->revents = POLLERR;
            return true;
        }
    }
}

/// Waits until `events` (or an error) are there and returns them; 0 once the deadline has passed.
[[nodiscard]] inline short wait_for(int fd, short events, steady_time deadline) noexcept
{
    pollfd one{fd, events, 0};
    return wait_for_any(&one, 1, deadline) ? one.revents : short{0};
}

/// A failure of the system's, with its words.
[[nodiscard]] inline failure system_failure(errc code, address const& where, int error)
{
    return {code, where.text() + ": " + std::generic_category().message(error)};
}

/// Connects to one address of the system's. The socket does not block on connecting, and does so later.
[[nodiscard]] inline std::optional<failure> connect_to(sockaddr const* to, socklen_t size, address const& where,
                                                       steady_time deadline, socket_handle& result)
{
    socket_handle made{::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!made) return system_failure(errc::unavailable, where, errno);
    if (::connect(made.get(), to, size) != 0) {
        // A unix socket whose queue is full answers EAGAIN at once: the server accepts nobody.
        if (errno != EINPROGRESS && errno != EINTR) return system_failure(errc::unavailable, where, errno);
        if (wait_for(made.get(), POLLOUT, deadline) == 0) {
            return failure{errc::timed_out, where.text() + ": no connection before the deadline"};
        }
        int error = 0;
        socklen_t length = sizeof error;
        if (::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
        if (error != 0) return system_failure(errc::unavailable, where, error);
    }
    if (int const flags = ::fcntl(made.get(), F_GETFL); ::fcntl(made.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) {
        return system_failure(errc::unavailable, where, errno);
    }
    if (!where.is_path()) {
        int const on = 1;
        ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(made.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    result = std::move(made);
    return {};
}

/// Connects to a server.
[[nodiscard]] inline std::optional<failure> connect_to(address const& where, steady_time deadline,
                                                       socket_handle& result)
{
    if (where.is_path()) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::memcpy(to.sun_path, where.host.data(), where.host.size());
        return connect_to(reinterpret_cast<sockaddr*>(&to), sizeof to, where, deadline, result);
    }
    address_list found;
    if (status const resolved = resolve(where.host, where.port, deadline, found); !resolved) {
        return failure{resolved.error(), where.text() + ": " + std::string{resolved.error_text()}};
    }
    std::optional<failure> last = failure{errc::unavailable};
    for (addrinfo const* each = found.get(); each && last; each = each->ai_next) {
        last = connect_to(each->ai_addr, each->ai_addrlen, where, deadline, result);
    }
    return last;
}

} // namespace strata::detail::memcached
