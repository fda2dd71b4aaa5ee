#pragma once

#include <strata/core/error.hpp>

#include <boost/config.hpp>
#include <boost/container/vector.hpp>
#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// The binary protocol of memcached: a header of 24 bytes, then extras, key and value. Numbers are big-endian.
/// Source: memcached, "BinaryProtocolRevamped".
namespace strata::detail::memcached {

enum class opcode : std::uint8_t {
    get = 0x00,
    set = 0x01,
    add = 0x02,
    erase = 0x04,
    flush = 0x08,
    get_quiet = 0x09,
    noop = 0x0a,
    stat = 0x10,
    set_quiet = 0x11,
    add_quiet = 0x12,
    erase_quiet = 0x14,
    touch = 0x1c,
};

enum class reply_status : std::uint16_t {
    done = 0x00,
    not_found = 0x01,
    exists = 0x02,
    too_large = 0x03,
    not_stored = 0x05,
    unauthorized = 0x20,
    unknown_command = 0x81,
    out_of_memory = 0x82,
    not_supported = 0x83,
    internal_error = 0x84,
};

inline constexpr std::size_t header_size = 24;
/// A value of 1 GiB, which is all that a server can be set to, with extras and a key.
inline constexpr std::size_t largest_body = (std::size_t{1} << 30) + 1024;
inline constexpr unsigned char request_magic = 0x80;
inline constexpr unsigned char reply_magic = 0x81;

/// No entry has this number: servers count them up from 1. An `erase` with it removes nothing, and answers `exists` or
/// `not_found`.
inline constexpr std::uint64_t impossible_cas = UINT64_MAX;

/// Bytes to be sent. Growing does not clear them.
using send_buffer = boost::container::vector<char>;

struct request_header {
    opcode operation;
    std::uint32_t opaque = 0; ///< Comes back in the reply.
    std::uint64_t cas = 0;
};

/// Appends a request but for its value, which is to follow and has `value_size` bytes.
inline void append_request(send_buffer& out, request_header const& header, std::string_view extras,
                           std::string_view key, std::size_t value_size)
{
    std::size_t const begin = out.size();
    out.resize(begin + header_size + extras.size() + key.size(), boost::container::default_init);
    auto* const at = reinterpret_cast<unsigned char*>(out.data() + begin);
    at[0] = request_magic;
    at[1] = static_cast<unsigned char>(header.operation);
    boost::endian::store_big_u16(at + 2, static_cast<std::uint16_t>(key.size()));
    at[4] = static_cast<unsigned char>(extras.size());
    at[5] = 0; // data type: raw bytes
    boost::endian::store_big_u16(at + 6, 0);
    boost::endian::store_big_u32(at + 8, static_cast<std::uint32_t>(extras.size() + key.size() + value_size));
    boost::endian::store_big_u32(at + 12, header.opaque);
    boost::endian::store_big_u64(at + 16, header.cas);
    if (!extras.empty()) std::memcpy(at + header_size, extras.data(), extras.size());
    if (!key.empty()) std::memcpy(at + header_size + extras.size(), key.data(), key.size());
}

inline void append_value(send_buffer& out, std::string_view value)
{
    out.insert(out.end(), value.data(), value.data() + value.size());
}

/// A reply. What it points to lies in the buffer that it was read into.
struct reply {
    opcode operation;
    reply_status status;
    std::uint32_t opaque;
    std::uint32_t flags; ///< Of a value that is got.
    std::string_view key;
    std::string_view value;
};

/// How much of a reply has come.
struct framing {
    enum { invalid, partial, whole } is;
    std::size_t size = 0;    ///< Of the whole reply; of a partial one, as far as it is known.
    std::size_t to_skip = 0; ///< Bytes that follow: of a value that is not accepted.
};

/// The sizes that a reply announces, checked before anything is done with them.
struct reply_sizes {
    std::size_t extras;
    std::size_t key;
    std::size_t body;

    /// From the `header_size` bytes at `at`. False where this is no reply of this protocol.
    [[nodiscard]] static bool read(char const* at, reply_sizes& sizes) noexcept
    {
        auto const* const header = reinterpret_cast<unsigned char const*>(at);
        sizes = {header[4], boost::endian::load_big_u16(header + 2), boost::endian::load_big_u32(header + 8)};
        return header[0] == reply_magic && sizes.extras + sizes.key <= sizes.body && sizes.body <= largest_body;
    }
};

/// What stands for the reply with this header, whose body is more than is accepted.
[[nodiscard]] inline reply too_large_reply(char const* at) noexcept
{
    auto const* const header = reinterpret_cast<unsigned char const*>(at);
    std::uint32_t const opaque = boost::endian::load_big_u32(header + 12);
    return {static_cast<opcode>(header[1]), reply_status::too_large, opaque, 0, {}, {}};
}

/// The reply at `at`, which is there whole and of these `sizes`.
[[nodiscard]] inline reply read_reply(char const* at, reply_sizes const& sizes) noexcept
{
    auto const* const header = reinterpret_cast<unsigned char const*>(at);
    char const* const body = at + header_size;
    return {static_cast<opcode>(header[1]),
            static_cast<reply_status>(boost::endian::load_big_u16(header + 6)),
            boost::endian::load_big_u32(header + 12),
            sizes.extras < 4 ? 0 : boost::endian::load_big_u32(header + header_size),
            {body + sizes.extras, sizes.key},
            {body + sizes.extras + sizes.key, sizes.body - sizes.extras - sizes.key}};
}

/// Reads replies of the binary protocol from what has come.
struct binary_replies {
    /// The reply at the beginning of `come`. A value of more than `max_value` bytes is not accepted.
    [[nodiscard]] static framing read(std::string_view come, std::size_t max_value, reply& one) noexcept
    {
        if (come.size() < header_size) return {framing::partial, header_size};
        reply_sizes sizes;
        if (!reply_sizes::read(come.data(), sizes)) return {framing::invalid};
        if (BOOST_UNLIKELY(sizes.body > max_value) && !is_accepted(come.data(), max_value)) {
            one = too_large_reply(come.data());
            return {framing::whole, header_size, sizes.body};
        }
        std::size_t const size = header_size + sizes.body;
        if (come.size() < size) return {framing::partial, size};
        one = read_reply(come.data(), sizes);
        return {framing::whole, size};
    }

private:
    /// Keys and the server's words may be longer than the values of somebody who has small ones.
    static constexpr std::size_t beside_value = 1024;

    [[nodiscard]] BOOST_NOINLINE static bool is_accepted(char const* at, std::size_t max_value) noexcept
    {
        reply_sizes sizes;
        if (!reply_sizes::read(at, sizes) || sizes.body > max_value + beside_value) return false;
        reply const r = read_reply(at, {0, 0, 0}); // none of its body may be there
        bool const is_value = (r.operation == opcode::get || r.operation == opcode::get_quiet) &&
                              r.status == reply_status::done;
        return !is_value || sizes.body - sizes.extras - sizes.key <= max_value;
    }
};

/// What a status other than `done` means where nothing more special is known, with the server's words.
[[nodiscard]] inline failure to_failure(reply const& r)
{
    auto const code = [&] {
        switch (r.status) {
        case reply_status::exists: return errc::exists;
        case reply_status::too_large: return errc::too_large;
        case reply_status::unauthorized: return errc::unauthorized;
        case reply_status::unknown_command:
        case reply_status::not_supported: return errc::unsupported;
        default: return errc::rejected;
        }
    }();
    constexpr std::size_t longest = 512; // of a text that a server may make us keep
    return {code, r.value.substr(0, std::min(r.value.size(), longest))};
}

/// Whether the server goes on with the connection after this status; after some it closes it.
[[nodiscard]] constexpr bool keeps_connection(reply_status status) noexcept
{
    switch (status) {
    case reply_status::done:
    case reply_status::not_found:
    case reply_status::exists:
    case reply_status::too_large:
    case reply_status::not_stored:
    case reply_status::out_of_memory: return true;
    default: return false;
    }
}

} // namespace strata::detail::memcached
