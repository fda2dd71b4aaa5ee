#pragma once

#include "process.hpp"

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A private redis-server on a free port of the loopback interface and on a unix socket, empty and without persistence.
/// It answers when the constructor returns, and is gone after the destructor.
class redis_server {
public:
    /// `options` as on the server's command line: `{"--requirepass", "secret", "--maxmemory", "2mb"}`.
    explicit redis_server(std::vector<std::string> options = {}) : options_{std::move(options)}
    {
        for (int attempt = 0; attempt < 5; ++attempt) { // somebody else may take the port before the server does
            port_ = free_port();
            if (start()) return;
        }
        throw std::runtime_error{"redis-server does not start; see " + log()};
    }

    [[nodiscard]] std::string host() const { return "127.0.0.1"; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string path() const { return directory_ / "redis.sock"; }
    [[nodiscard]] std::string log() const { return directory_ / "redis.log"; }
    [[nodiscard]] ::pid_t pid() const noexcept { return server_.pid(); }

    /// Stops the server where it stands: connections are accepted by the system, and nobody answers.
    void stop() { server_.stop(); }
    /// Lets it go on after `stop`.
    void cont() { server_.cont(); }
    /// Ends it at once; connections break.
    void kill() { server_.kill(); }
    /// Ends it, if it runs, and starts an empty one at the same addresses.
    void restart()
    {
        kill();
        if (!wait_until([this] { return start(); })) {
            throw std::runtime_error{"redis-server does not start again; see " + log()};
        }
    }

    /// Sends one command over a connection of its own and returns the reply as text: an error begins with '-', nil is
    /// "(nil)", the elements of an array stand on lines of their own.
    std::string ask(std::vector<std::string> const& command) const
    {
        std::unique_ptr<redisContext, decltype(&redisFree)> const context{
            redisConnectUnixWithTimeout(path().c_str(), timeval{5, 0}), &redisFree};
        if (!context || context->err) throw std::runtime_error{"cannot connect to redis-server"};
        redisSetTimeout(context.get(), timeval{20, 0});
        if (std::string const password = setting("--requirepass"); !password.empty()) {
            static_cast<void>(send(*context, {"AUTH", password}));
        }
        return send(*context, command);
    }

private:
    static std::string send(redisContext& context, std::vector<std::string> const& command)
    {
        std::vector<char const*> words;
        std::vector<std::size_t> sizes;
        for (std::string const& word : command) {
            words.push_back(word.data());
            sizes.push_back(word.size());
        }
        std::unique_ptr<void, decltype(&freeReplyObject)> const reply{
            redisCommandArgv(&context, static_cast<int>(words.size()), words.data(), sizes.data()), &freeReplyObject};
        if (!reply) throw std::runtime_error{"redis-server does not answer"};
        return text(*static_cast<redisReply const*>(reply.get()));
    }

    static std::string text(redisReply const& reply)
    {
        switch (reply.type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS: return {reply.str, reply.len};
        case REDIS_REPLY_ERROR: return "-" + std::string{reply.str, reply.len};
        case REDIS_REPLY_INTEGER: return std::to_string(reply.integer);
        case REDIS_REPLY_ARRAY: {
            std::string lines;
            for (std::size_t i = 0; i < reply.elements; ++i) lines += text(*reply.element[i]) + "\n";
            return lines;
        }
        default: return "(nil)";
        }
    }

    [[nodiscard]] std::string setting(std::string const& name) const
    {
        for (std::size_t i = 0; i + 1 < options_.size(); ++i) {
            if (options_[i] == name) return options_[i + 1];
        }
        return {};
    }

    /// Whether the server came up.
    bool start()
    {
        std::vector<std::string> command{"redis-server",
                                         "--bind", host(),
                                         "--port", std::to_string(port_),
                                         "--unixsocket", path(),
                                         "--dir", directory_.path(),
                                         "--save", "",
                                         "--appendonly", "no",
                                         "--daemonize", "no",
                                         "--enable-debug-command", "local"};
        command.insert(command.end(), options_.begin(), options_.end());
        server_ = process{std::move(command), log()};
        bool up = false;
        wait_until([&] { return (up = answers()) || !server_.running(); });
        return up;
    }

    bool answers() const
    {
        try {
            std::string const reply = ask({"PING"});
            return reply == "PONG" || reply.starts_with("-NOAUTH") || reply.starts_with("-DENIED");
        } catch (std::runtime_error const&) {
            return false;
        }
    }

    std::vector<std::string> options_;
    temporary_directory directory_;
    std::uint16_t port_ = 0;
    process server_;
};

} // namespace test
