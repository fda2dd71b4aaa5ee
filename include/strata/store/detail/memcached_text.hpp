#pragma once

#include <strata/store/detail/memcached_key.hpp>
#include <strata/store/detail/memcached_wire.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

/// The part of memcached's text protocol that batches of `get` use: a request is "get KEY KEY ...", a reply
/// "VALUE KEY FLAGS BYTES" and the value for each key that has one, in the order of the request, and "END" after all.
/// Each line ends in "\r\n". Source: memcached, doc/protocol.txt.
///
/// A server spends far less on a key here than on a request of the binary protocol.
namespace strata::detail::memcached {

/// Whether a key can stand in a line of text, where spaces and line ends separate: it has no byte of ASCII's control
/// characters, and no space.
[[nodiscard]] inline bool is_plain(std::string_view key) noexcept
{
    if (key.empty() || key.size() > memcached_key::max_size) return false;
    constexpr std::uint64_t each = 0x0101010101010101;
    // Not 0 where one of eight bytes is below '!' or is 0x7f: it alone borrows from its highest bit.
    auto const others = [](std::uint64_t eight) {
        std::uint64_t const from_delete = eight ^ each * 0x7f;
        return (((eight - each * '!') & ~eight) | ((from_delete - each) & ~from_delete)) & each * 0x80;
    };
    std::uint64_t found = 0;
    std::uint64_t eight = 0;
    char const* at = key.data();
    char const* const end = at + key.size();
    for (; end - at >= 8; at += 8) {
        std::memcpy(&eight, at, 8);
        found |= others(eight);
    }
    for (; at != end; ++at) found |= others(each * static_cast<unsigned char>(*at));
    return found == 0;
}

/// After so many bytes another line begins: servers read into a buffer of 16 KiB, and take pains with longer lines.
inline constexpr std::size_t longest_request_line = std::size_t{8} << 10;

inline constexpr std::string_view get_command = "get";
inline constexpr std::string_view line_end = "\r\n";

/// Appends the request for `count` keys: the m-th is `key_at(m)`. False where one is not plain: then the request must
/// not be sent.
template <class KeyAt> [[nodiscard]] bool append_get(send_buffer& out, std::size_t count, KeyAt&& key_at)
{
    auto const append = [&](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
    append(get_command);
    std::size_t begin = out.size();
    for (std::size_t m = 0; m < count; ++m) {
        if (out.size() - begin > longest_request_line) {
            append(line_end);
            append(get_command);
            begin = out.size();
        }
        auto const& key = key_at(m);
        std::size_t const size = key.size();
        if (size > memcached_key::max_size) return false;
        std::size_t const at = out.size();
        out.resize(at + 1 + size, boost::container::default_init);
        out[at] = ' ';
        key.copy_to(out.data() + at + 1);
        if (!is_plain({out.data() + at + 1, size})) return false;
    }
    append(line_end);
    return true;
}

/// Goes through the keys of a request that `append_get` has made.
class asked_keys {
public:
    /// Goes on after the next key of this line if it is `key`. False where it is not.
    [[nodiscard]] bool take(send_buffer const& request, std::string_view key) noexcept
    {
        std::size_t const end = at_ + 1 + key.size();
        if (request[at_] != ' ' || end >= request.size() || !ends_key(request[end])) return false;
        if (std::memcmp(request.data() + at_ + 1, key.data(), key.size()) != 0) return false;
        at_ = end;
        return true;
    }

    /// Goes on after the next key of this line. False where there is none.
    [[nodiscard]] bool skip(send_buffer const& request) noexcept
    {
        if (request[at_] != ' ') return false;
        while (!ends_key(request[++at_])) {}
        return true;
    }

    /// Goes on to the next line, from the end of one. False where that was the last.
    [[nodiscard]] bool next_line(send_buffer const& request) noexcept
    {
        at_ += line_end.size();
        if (at_ == request.size()) return false;
        at_ += get_command.size();
        return true;
    }

    friend bool operator==(asked_keys const&, asked_keys const&) = default;

private:
    [[nodiscard]] static bool ends_key(char c) noexcept { return c == ' ' || c == '\r'; }

    std::size_t at_ = get_command.size(); // of the space before a key, or of the end of a line
};

/// Reads replies from what has come, into the same form as those of the binary protocol: a value as one to `get`, the
/// end as one to `noop`, and an error as one to `noop` that is not `done` and has the server's words.
class text_replies {
public:
    /// The reply at the beginning of `come`. A value of more than `max_value` bytes is not accepted.
    [[nodiscard]] framing read(std::string_view come, std::size_t max_value, reply& one) noexcept
    {
        std::size_t const before = after_skipped_ ? line_end.size() : 0;
        if (come.size() < before) return {framing::partial, before};
        if (after_skipped_ && !come.starts_with(line_end)) return {framing::invalid};
        framing found = read_reply({come.data() + before, come.size() - before}, max_value, one);
        found.size += before;
        if (found.is == framing::whole) after_skipped_ = found.to_skip != 0;
        return found;
    }

private:
    static constexpr std::size_t longest_line = 2048; // that a server may make us keep
    static constexpr std::size_t largest_value = std::size_t{1} << 30;

    [[nodiscard]] static framing read_reply(std::string_view come, std::size_t max_value, reply& one) noexcept
    {
        std::size_t const end = std::string_view{come.data(), std::min(come.size(), longest_line)}.find('\n');
        if (end == come.npos) {
            return come.size() < longest_line ? framing{framing::partial, longest_line} : framing{framing::invalid};
        }
        if (end == 0 || come[end - 1] != '\r') return {framing::invalid};
        std::string_view const line{come.data(), end - 1};
        std::size_t const size = end + 1;
        one = {opcode::noop, reply_status::done, 0, 0, {}, {}};
        if (!line.starts_with("VALUE ")) {
            if (line == "END") return {framing::whole, size};
            one.value = line;
            if (line == "ERROR" || line.starts_with("ERROR ")) {
                one.status = reply_status::unknown_command;
            } else if (line.starts_with("SERVER_ERROR ") || line.starts_with("CLIENT_ERROR ")) {
                one.status = reply_status::internal_error;
            } else {
                return {framing::invalid};
            }
            return {framing::whole, size};
        }
        std::size_t bytes = 0;
        if (!read_value_line(line.substr(6), one, bytes)) return {framing::invalid};
        if (bytes > max_value) {
            one.status = reply_status::too_large;
            return {framing::whole, size, bytes};
        }
        std::size_t const whole = size + bytes + line_end.size();
        if (come.size() < whole) return {framing::partial, whole};
        if (std::memcmp(come.data() + size + bytes, line_end.data(), line_end.size()) != 0) return {framing::invalid};
        one.value = {come.data() + size, bytes};
        return {framing::whole, whole};
    }

    /// "KEY FLAGS BYTES"
    [[nodiscard]] static bool read_value_line(std::string_view line, reply& one, std::size_t& bytes) noexcept
    {
        std::size_t const key = line.find(' ');
        if (key == line.npos) return false;
        one.operation = opcode::get;
        one.key = line.substr(0, key);
        char const* const last = line.data() + line.size();
        auto const flags = std::from_chars(one.key.data() + key + 1, last, one.flags);
        if (flags.ec != std::errc{} || flags.ptr == last || *flags.ptr != ' ') return false;
        auto const size = std::from_chars(flags.ptr + 1, last, bytes);
        return size.ec == std::errc{} && size.ptr == last && bytes <= largest_value;
    }

    bool after_skipped_ = false; // of a value, of which the end of its line is still to come
};

} // namespace strata::detail::memcached
