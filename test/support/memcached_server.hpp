#pragma once

#include "process.hpp"

#include <sys/un.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// A private memcached on a free port of the loopback interface or on a unix socket, empty. It answers when the
/// constructor returns, and is gone after the destructor.
class memcached_server {
public:
    enum class by { port, path };

    /// `options` as on the server's command line: `{"-I", "4m"}`.
    explicit memcached_server(by way = by::port, std::vector<std::string> options = {})
        : way_{way}, options_{std::move(options)}
    {
        for (int attempt = 0; attempt < 5; ++attempt) { // somebody else may take the port before the server does
            port_ = free_port();
            if (start()) return;
        }
        throw std::runtime_error{"memcached does not start"};
    }

    /// As in `Memcached::servers`.
    [[nodiscard]] std::string address() const
    {
        return way_ == by::path ? path() : "127.0.0.1:" + std::to_string(port_);
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string path() const { return directory_ / "memcached.sock"; }

    /// Stops the server where it stands: connections are accepted by the system, and nobody answers.
    void stop() { server_.stop(); }
    /// Lets it go on after `stop`.
    void cont() { server_.cont(); }
    /// Ends it at once; connections break.
    void kill() { server_.kill(); }
    /// Ends it, if it runs, and starts an empty one at the same address.
    void restart()
    {
        kill();
        if (!wait_until([this] { return start(); })) throw std::runtime_error{"memcached does not start again"};
    }

    /// Sends one command of the text protocol over a connection of its own and returns the answer up to and with the
    /// line that is `end`.
    [[nodiscard]] std::string ask(std::string const& command, std::string const& end) const
    {
        int const fd = connect();
        if (fd < 0) throw std::runtime_error{"cannot connect to memcached"};
        std::string answer;
        std::string const line = command + "\r\n";
        if (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
            char bytes[4096];
            while (!answer.ends_with(end + "\r\n")) {
                ssize_t const n = ::recv(fd, bytes, sizeof bytes, 0);
                if (n <= 0) break;
                answer.append(bytes, static_cast<std::size_t>(n));
            }
        }
        ::close(fd);
        if (!answer.ends_with(end + "\r\n")) throw std::runtime_error{"memcached does not answer: " + answer};
        return answer;
    }

    /// A number of `stats`.
    [[nodiscard]] std::uint64_t count(std::string const& statistic) const
    {
        std::string const all = ask("stats", "END");
        std::string const start = "STAT " + statistic + " ";
        auto const at = all.find(start);
        if (at == all.npos) throw std::runtime_error{"memcached does not count " + statistic};
        return std::stoull(all.substr(at + start.size()));
    }

    /// The value under a key of the text protocol, or "(nil)".
    [[nodiscard]] std::string value(std::string const& key) const
    {
        std::string const answer = ask("get " + key, "END");
        if (answer == "END\r\n") return "(nil)";
        auto const begin = answer.find("\r\n") + 2;
        return answer.substr(begin, answer.size() - begin - std::strlen("\r\nEND\r\n"));
    }

    /// The seconds that are left to an entry; -1: it never ends.
    [[nodiscard]] long long remaining(std::string const& key) const
    {
        std::string const answer = ask("mg " + key + " t s\r\nmn", "MN");
        auto const at = answer.find(" t");
        if (at == answer.npos) throw std::runtime_error{"there is no entry: " + answer};
        return std::stoll(answer.substr(at + 2));
    }

private:
    [[nodiscard]] int connect() const
    {
        if (way_ == by::path) {
            sockaddr_un to{};
            to.sun_family = AF_UNIX;
            std::strncpy(to.sun_path, path().c_str(), sizeof to.sun_path - 1);
            return connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
        }
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(port_);
        return connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
    }

    static int connect(sockaddr const* to, socklen_t size)
    {
        int const fd = ::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        timeval const limit{20, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (::connect(fd, to, size) == 0) return fd;
        ::close(fd);
        return -1;
    }

    /// Whether the server came up.
    bool start()
    {
        std::vector<std::string> command{"memcached", "-t", "2", "-U", "0"};
        if (::geteuid() == 0) command.insert(command.end(), {"-u", "root"});
        if (way_ == by::path) {
            ::unlink(path().c_str());
            command.insert(command.end(), {"-s", path()});
        } else {
            command.insert(command.end(), {"-l", "127.0.0.1", "-p", std::to_string(port_)});
        }
        command.insert(command.end(), options_.begin(), options_.end());
        server_ = process{std::move(command), directory_ / "memcached.log"};
        bool up = false;
        wait_until([&] { return (up = answers()) || !server_.running(); });
        return up;
    }

    [[nodiscard]] bool answers() const
    {
        try {
            static_cast<void>(ask("mn", "MN"));
            return true;
        } catch (std::runtime_error const&) {
            return false;
        }
    }

    by way_;
    std::vector<std::string> options_;
    temporary_directory directory_;
    std::uint16_t port_ = 0;
    process server_;
};

} // namespace test
