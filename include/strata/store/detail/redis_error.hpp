#pragma once

#include <strata/core/error.hpp>

#include <string_view>

/// What a Redis server's error text means.
namespace strata::detail::redis {

/// The failure for an error reply, with the server's words. Redis begins its texts with a code word where the client is
/// meant to tell them apart; some that matter here have none but "ERR".
[[nodiscard]] inline failure from_server(std::string_view text)
{
    // For a command that it does not know a server repeats the arguments: keys, values, or a password.
    text = text.substr(0, text.find(", with args beginning with"));
    std::string_view const code = text.substr(0, text.find(' '));
    auto const says = [text](std::string_view words) { return text.find(words) != text.npos; };

    if (code == "NOAUTH" || code == "WRONGPASS" || code == "NOPERM" || code == "DENIED" ||
        text == "ERR invalid password") {
        return {errc::unauthorized, text};
    }
    // The server is there and cannot serve for the time being.
    if (code == "LOADING" || code == "BUSY" || code == "MASTERDOWN" || code == "CLUSTERDOWN" || code == "TRYAGAIN" ||
        says("max number of clients")) {
        return {errc::unavailable, text};
    }
    if (says("invalid bulk length") || says("exceeds maximum allowed size")) return {errc::too_large, text};
    // READONLY, MISCONF, OOM, NOREPLICAS, WRONGTYPE, MOVED, and all that is new.
    return {errc::rejected, text};
}

/// Whether the server closes the connection after this error.
[[nodiscard]] inline bool ends_connection(std::string_view text) noexcept
{
    return text.starts_with("ERR Protocol error") || text.starts_with("ERR max number of clients") ||
           text.starts_with("DENIED");
}

} // namespace strata::detail::redis
