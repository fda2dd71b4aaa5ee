#pragma once

#include "client.hpp"

#include <hiredis/hiredis.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// The least that threads must do to get values over one connection together: the one that finds nobody at it sends a
/// GET for each that waits and receives the replies. There is no cache in it: requests are prepared, of the replies the
/// bytes are counted, nobody is handed a value, no deadline holds, and failures end the benchmark.
class redis_ceiling {
public:
    /// Asks in turn for those of `all` that the server has: keys of one length, with values of one length.
    redis_ceiling(redisContext* connected, keys const& all) : context_{connected, &redisFree}
    {
        if (!context_ || context_->err) throw std::runtime_error{"cannot connect to redis-server"};
        for (std::string const& key : all) {
            std::unique_ptr<void, decltype(&freeReplyObject)> const got{
                redisCommand(context_.get(), "GET %s", key.c_str()), &freeReplyObject};
            auto const* const reply = static_cast<redisReply const*>(got.get());
            if (!reply || reply->type != REDIS_REPLY_STRING) continue;
            std::string const request = "*2\r\n$3\r\nGET\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n";
            request_size_ = request.size();
            requests_ += request;
            reply_size_ = ("$" + std::to_string(reply->len) + "\r\n\r\n").size() + reply->len;
        }
        if (requests_.empty()) throw std::runtime_error{"no key was found"};
    }

    void get()
    {
        unsigned const mine = asked_.fetch_add(1);
        for (int turn = 0;; ++turn) {
            unsigned const answered = answered_.load();
            if (is_before(mine, answered)) return;
            if (led_.load() || led_.exchange(true)) {
                turn < yields ? void(::sched_yield()) : sleep(answered);
            } else if (is_before(mine, sent_)) {
                led_.store(false); // it was just answered
            } else {
                return lead();
            }
        }
    }

private:
    static constexpr int yields = 12;

    static bool is_before(unsigned a, unsigned b) noexcept { return static_cast<int>(b - a) > 0; }

    void lead()
    {
        if (several_) ::sched_yield();
        unsigned const begin = sent_;
        sent_ = asked_.load();
        std::size_t const count = std::min<std::size_t>(sent_ - begin, requests_.size() / request_size_);
        sent_ = begin + static_cast<unsigned>(count);
        several_ = count > 1;
        std::size_t const rest = requests_.size() - next_;
        std::size_t const size = count * request_size_;
        if (size > rest) next_ = 0;
        if (::send(context_->fd, requests_.data() + next_, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) {
            throw std::runtime_error{"redis-server does not take requests"};
        }
        next_ += size;
        for (std::size_t left = count * reply_size_; left > 0;) {
            ssize_t const n = ::recv(context_->fd, received_.data(), received_.size(), 0);
            if (n <= 0) throw std::runtime_error{"redis-server does not answer"};
            left -= std::min(left, static_cast<std::size_t>(n));
        }
        unsigned const now = sent_;
        led_.store(false);
        for (unsigned before = answered_.load();
             is_before(before, now) && !answered_.compare_exchange_weak(before, now);) {}
        if (asleep_.load() != 0) ::syscall(SYS_futex, &answered_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    }

    void sleep(unsigned answered)
    {
        asleep_.fetch_add(1);
        if (led_.load()) ::syscall(SYS_futex, &answered_, FUTEX_WAIT_PRIVATE, answered, nullptr, nullptr, 0);
        asleep_.fetch_sub(1);
    }

    alignas(64) std::atomic<unsigned> asked_{0};    ///< So many requests there were.
    alignas(64) std::atomic<unsigned> answered_{0}; ///< So many of them have been answered.
    alignas(64) std::atomic<bool> led_{false};
    std::atomic<int> asleep_{0};

    // Of the thread that leads.
    unsigned sent_ = 0;
    bool several_ = false;
    std::size_t next_ = 0;
    std::unique_ptr<redisContext, decltype(&redisFree)> context_;
    std::string requests_;
    std::size_t request_size_ = 0;
    std::size_t reply_size_ = 0;
    std::vector<char> received_ = std::vector<char>(std::size_t{64} << 10);
};

} // namespace bench
