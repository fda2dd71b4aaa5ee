#pragma once

#include "fuzz.hpp"

#include <strata/store/detail/memcached_connection.hpp>

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

/// A connection to a memcached server that sends any bytes.
namespace fuzz {

inline constexpr std::size_t longest_value = 1000;

/// What was read: a `Seen` for each reply.
template <class Seen> struct replies_seen {
    std::vector<Seen> replies;
    bool protocol_error = false;

    friend bool operator==(replies_seen const&, replies_seen const&) = default;
};

/// Lets a connection read `sent` up to the `most`-th reply, of each of which `see(reply)` makes a `Seen`, and requires
/// that they are those `expected`.
template <class Seen, class Replies, class See>
void check_replies(std::string_view sent, std::size_t most, strata::detail::memcached::protocol spoken,
                   Replies&& replies, replies_seen<Seen> const& expected, See&& see)
{
    using namespace strata::detail::memcached;
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
    socket_handle server{ends[1]};
    connection client{socket_handle{ends[0]}, std::chrono::seconds{5}, longest_value, spoken};
    if (::send(server.get(), sent.data(), sent.size(), MSG_DONTWAIT) != static_cast<ssize_t>(sent.size())) return;
    ::shutdown(server.get(), SHUT_WR);

    memory_meter const meter;
    replies_seen<Seen> made;
    client.begin(true);
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    auto const failed = client.converse(std::forward<Replies>(replies), deadline, {}, until::end, [&](reply const& x) {
        made.replies.push_back(see(x));
        return made.replies.size() == most ? next::end : next::reply;
    });
    require(meter.peak() <= 16 * sent.size() + 256 * 1024, "memory is bounded by a multiple of what was received");
    require(failed.has_value() == (made.replies.size() < most), "it fails unless all replies have come");
    bool const is_full = failed && failed->text().starts_with("ERROR Too many"); // which is no reply either
    made.protocol_error = failed && (failed->code() == strata::errc::protocol || is_full);
    require(!failed || made.protocol_error || failed->code() == strata::errc::unavailable, "nothing else can go wrong");
    require(made == expected, "the replies are those that were sent");
}

} // namespace fuzz
