#pragma once

#include "process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

/// A server that does what a test tells it, wrong things above all, over a real socket.
namespace test {

/// One accepted connection, from the server's side. Every wait ends when the peer is being destroyed.
class peer_connection {
public:
    peer_connection(int fd, std::atomic<bool> const& ending) : fd_{fd}, ending_{ending} {}
    peer_connection(peer_connection const&) = delete;
    peer_connection& operator=(peer_connection const&) = delete;
    ~peer_connection() { ::close(fd_); }

    /// What comes next, or nothing at the end of the stream.
    std::string read()
    {
        char bytes[64 * 1024];
        while (!ending_) {
            pollfd one{fd_, POLLIN, 0};
            if (::poll(&one, 1, 20) <= 0) continue;
            ssize_t const n = ::recv(fd_, bytes, sizeof bytes, 0);
            return n > 0 ? std::string(bytes, static_cast<std::size_t>(n)) : std::string{};
        }
        return {};
    }

    /// Reads until what was read ends with `end`. False: the stream ended before.
    bool read_until(std::string_view end)
    {
        std::string all;
        while (!all.ends_with(end)) {
            std::string const more = read();
            if (more.empty()) return false;
            all += more;
        }
        return true;
    }

    /// False: the client has closed.
    bool write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            ssize_t const n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    /// Writes one byte at a time with a pause after each.
    bool drip(std::string_view bytes, std::chrono::milliseconds pause)
    {
        for (char const c : bytes) {
            if (ending_ || !write({&c, 1})) return false;
            std::this_thread::sleep_for(pause);
        }
        return true;
    }

    /// Closes such that the client sees a reset.
    void reset()
    {
        linger const hard{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }

    /// Holds the connection open until the client closes it or the peer ends.
    void hold()
    {
        while (!read().empty()) {}
    }

private:
    int fd_;
    std::atomic<bool> const& ending_;
};

/// Listens on a port of the loopback interface and runs `script(connection, n)` for its n-th connection, counted from
/// 0, each in a thread of its own.
class peer {
public:
    using script = std::function<void(peer_connection&, int)>;

    explicit peer(script what) : script_{std::move(what)}
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            raise_errno("listen");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread{[this] { accept(); }};
    }
    peer(peer const&) = delete;
    peer& operator=(peer const&) = delete;
    ~peer()
    {
        ending_ = true;
        acceptor_.join();
        for (std::thread& one : connections_) one.join();
        ::close(listener_);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// As `Memcached.servers` has it.
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// How many connections were accepted so far.
    [[nodiscard]] int accepted() const noexcept { return accepted_; }

private:
    void accept()
    {
        while (!ending_) {
            pollfd one{listener_, POLLIN, 0};
            if (::poll(&one, 1, 20) <= 0) continue;
            int const fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) continue;
            int const on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            connections_.emplace_back([this, fd, n = accepted_++] {
                peer_connection connection{fd, ending_};
                script_(connection, n);
            });
        }
    }

    script script_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_{false};
    std::atomic<int> accepted_{0};
    std::thread acceptor_;
    std::vector<std::thread> connections_;
};

} // namespace test
