#pragma once

#include <strata/store/detail/redis_lines.hpp>
#include <strata/store/detail/redis_replies.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// Operations on all entries whose keys start with a prefix, and on whole databases.
namespace strata::detail::redis {

/// A pattern for SCAN that matches exactly the keys that start with `prefix`.
[[nodiscard]] inline std::string starts_with_pattern(std::string_view prefix)
{
    std::string pattern;
    pattern.reserve(prefix.size() + 1);
    for (char const c : prefix) {
        if (std::string_view{"*?[]\\"}.find(c) != std::string_view::npos) pattern.push_back('\\');
        pattern.push_back(c);
    }
    pattern.push_back('*');
    return pattern;
}

/// Calls `f`, which returns `status`, with the keys that start with `prefix`, batch by batch; a key may come more than
/// once.
template <class F> [[nodiscard]] status scan(lines& over, std::string_view prefix, deadline const& until, F&& f)
{
    std::string const pattern = starts_with_pattern(prefix);
    scan_reply reply;
    do {
        send_buffer request;
        append_command(request, "SCAN", reply.cursor, "MATCH", pattern, "COUNT", "1000");
        reply.keys.clear();
        reply_kinds const expected{reply_kind::array, reply_kind::error};
        if (status const asked = over.run({request.view(), 1, expected, false, reply}, until); !asked) return asked;
        if (reply.refused) return *reply.refused;
        if (reply.keys.empty()) continue;
        if (status const used = f(reply.keys); !used) return used;
    } while (reply.cursor != "0");
    return {};
}

/// Removes all entries whose keys start with `prefix`.
[[nodiscard]] inline status remove_all(lines& over, std::string_view prefix, deadline const& until)
{
    return scan(over, prefix, until, [&](std::vector<std::string> const& keys) -> status {
        send_buffer request;
        append_count(request, keys.size() + 1);
        append_argument(request, "UNLINK");
        for (std::string const& key : keys) append_argument(request, key);
        number_reply reply;
        status done = over.run({request.view(), 1, {reply_kind::integer, reply_kind::error}, false, reply}, until);
        return done && reply.refused ? status{*reply.refused} : done;
    });
}

/// The number of entries whose keys start with `prefix`.
[[nodiscard]] inline lookup<std::size_t> count_all(lines& over, std::string_view prefix, deadline const& until)
{
    boost::unordered_flat_set<std::string> seen;
    status const done = scan(over, prefix, until, [&](std::vector<std::string>& keys) -> status {
        for (std::string& key : keys) seen.insert(std::move(key));
        return {};
    });
    if (!done) return done.reason();
    return seen.size();
}

/// One command whose reply is a number or a status.
[[nodiscard]] inline lookup<std::size_t> ask_number(lines& over, std::initializer_list<std::string_view> words,
                                                    bool repeatable, deadline const& until)
{
    send_buffer request;
    append_count(request, words.size());
    for (std::string_view const word : words) append_argument(request, word);
    number_reply reply;
    status const done = over.run(
        {request.view(), 1, {reply_kind::integer, reply_kind::status, reply_kind::error}, repeatable, reply}, until);
    if (!done) return done.reason();
    if (reply.refused) return *reply.refused;
    return static_cast<std::size_t>(reply.number);
}

} // namespace strata::detail::redis
