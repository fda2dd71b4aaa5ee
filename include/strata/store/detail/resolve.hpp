#pragma once

#include <strata/core/error.hpp>
#include <strata/core/lookup.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

/// The addresses of a host, looked up within a deadline.
namespace strata::detail {

struct address_list_closer {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, address_list_closer>;

/// A look-up that glibc runs aside, since a resolver knows no deadline of ours. It owns all that it needs.
struct aside_lookup {
    std::string host;
    std::string service;
    addrinfo hints{};
    gaicb control{};
};

/// The addresses of `host`. A numeric one needs no look-up.
[[nodiscard]] inline status resolve(std::string const& host, std::uint16_t port,
                                    std::chrono::steady_clock::time_point until, address_list& out)
{
    auto asked = std::make_unique<aside_lookup>();
    asked->host = host;
    asked->service = std::to_string(port);
    asked->hints.ai_family = AF_UNSPEC;
    asked->hints.ai_socktype = SOCK_STREAM;
    asked->hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;

    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), asked->service.c_str(), &asked->hints, &found) == 0) {
        out.reset(found);
        return {};
    }

    asked->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    asked->control.ar_name = asked->host.c_str();
    asked->control.ar_service = asked->service.c_str();
    asked->control.ar_request = &asked->hints;
    gaicb* list[] = {&asked->control};
    if (::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr) != 0) return errc::unavailable;
    int state = 0;
    while ((state = ::gai_error(&asked->control)) == EAI_INPROGRESS) {
        auto const left = until - std::chrono::steady_clock::now();
        if (left <= left.zero()) break;
        auto const whole = std::chrono::floor<std::chrono::seconds>(left);
        timespec const wait{static_cast<std::time_t>(whole.count()), std::chrono::nanoseconds{left - whole}.count()};
        ::gai_suspend(list, 1, &wait);
    }
    if (state == EAI_INPROGRESS) {
        // What cannot be cancelled still writes to its memory some time: that is left to it.
        if (::gai_cancel(&asked->control) != EAI_CANCELED) static_cast<void>(asked.release());
        return errc::timed_out;
    }
    if (state != 0) return failure{errc::unavailable, ::gai_strerror(state)};
    out.reset(asked->control.ar_result);
    return {};
}

} // namespace strata::detail
