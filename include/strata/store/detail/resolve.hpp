#pragma once

#include <strata/core/error.hpp>
#include <strata/core/lookup.hpp>

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

/// The addresses of a host, looked up within a deadline.
namespace strata::detail {

struct address_list_closer {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, address_list_closer>;

/// A look-up that another thread runs, since a resolver knows no deadline of ours. Both threads share it: the one that
/// asks may be gone when the answer comes.
struct aside_lookup {
    std::string host;
    std::string service;
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    int state = 0;
    address_list found{};
};

/// Looks up `host`, which `flags` say more about; returns what `getaddrinfo` does.
[[nodiscard]] inline int look_up(std::string const& host, std::string const& service, int flags, address_list& out)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    int const state = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
    if (state == 0) out.reset(found);
    return state;
}

/// Runs `f` in a thread of its own, which takes no signals. Throws `std::system_error` where there can be none.
template <class F> void run_aside(F&& f)
{
    struct signals {
        sigset_t before;
        ~signals() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    } ours;
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &ours.before);
    std::thread{std::forward<F>(f)}.detach();
}

/// The addresses of `host`. A numeric one needs no look-up. One that is not done at the deadline goes on until the
/// system's resolver gives it up; it needs nothing of the caller's but this code, which must not be unloaded meanwhile.
///
/// glibc's `getaddrinfo_a` would do the same with threads of its own, but a child of `fork` waits for those of its
/// parent for ever.
[[nodiscard]] inline status resolve(std::string const& host, std::uint16_t port,
                                    std::chrono::steady_clock::time_point until, address_list& out)
{
    std::string const service = std::to_string(port);
    if (look_up(host, service, AI_NUMERICHOST, out) == 0) return {};

    auto const asked = std::make_shared<aside_lookup>();
    asked->host = host;
    asked->service = service;
    try {
        run_aside([asked] {
            address_list found;
            int const state = look_up(asked->host, asked->service, AI_ADDRCONFIG, found);
            std::lock_guard const guard{asked->mutex};
            asked->found = std::move(found);
            asked->state = state;
            asked->done = true;
            asked->changed.notify_one();
        });
    } catch (std::system_error const& none) {
        return failure{errc::unavailable, none.code().message()};
    }
    std::unique_lock lock{asked->mutex};
    if (!asked->changed.wait_until(lock, until, [&] { return asked->done; })) return errc::timed_out;
    if (asked->state != 0) return failure{errc::unavailable, ::gai_strerror(asked->state)};
    out = std::move(asked->found);
    return {};
}

} // namespace strata::detail
