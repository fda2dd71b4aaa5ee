#pragma once

#include <strata/store/detail/redis_lines.hpp>
#include <strata/store/detail/redis_replies.hpp>
#include <strata/store/server_counters.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a Redis server has counted, from its INFO.
namespace strata::detail::redis {

/// The number after `name` at the beginning of a line of `text`; 0 where there is none.
[[nodiscard]] inline std::uint64_t number_in(std::string_view text, std::string_view name) noexcept
{
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
        if (at != 0 && text[at - 1] != '\n') continue;
        std::uint64_t number = 0;
        std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
        return number;
    }
    return 0;
}

/// One reply that is text.
class text_reply final : public reply_handler {
public:
    std::string text;
    std::optional<failure> refused;

    bool take(reply_part const& part) override
    {
        if (part.kind == reply_kind::error) {
            refused = from_server(part.text);
        } else {
            text.assign(part.text);
        }
        return part.kind == reply_kind::bulk || part.kind == reply_kind::error;
    }
};

[[nodiscard]] inline lookup<server_counters> ask_counters(lines& over, deadline const& until)
{
    send_buffer request;
    append_command(request, "INFO");
    text_reply reply;
    status const done = over.run({request.view(), 1, {reply_kind::bulk, reply_kind::error}, true, reply}, until);
    if (!done) return done.reason();
    if (reply.refused) return *reply.refused;
    std::string const entries = "db" + std::to_string(over.settings().database) + ":keys=";
    return server_counters{number_in(reply.text, "keyspace_hits:"), number_in(reply.text, "keyspace_misses:"),
                           number_in(reply.text, entries), number_in(reply.text, "used_memory:")};
}

} // namespace strata::detail::redis
