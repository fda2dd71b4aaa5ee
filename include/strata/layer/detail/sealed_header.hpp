#pragma once

#include <strata/cipher/padding.hpp>

#include <boost/endian/conversion.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace strata::detail {

/// What stands in clear, but authenticated, in front of each value that `Encrypt` stores. Numbers are big-endian:
///
///     0  version      1 byte
///     1  suite        1 byte     which cipher
///     2  key id       4 bytes    which secret
///     6  padding      1 byte     policy of the value's padding
///     7  issued       8 bytes    milliseconds since 1970
///     15 expires      8 bytes    likewise; the largest number: never
struct sealed_header {
    static constexpr std::size_t size = 23;
    static constexpr std::uint8_t current_version = 1;
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    using key_id_type = std::array<std::uint8_t, 4>;

    std::uint8_t version = current_version;
    std::uint8_t suite = 0;
    key_id_type key_id = {};
    Padding padding = Padding::none;
    std::int64_t issued = 0;
    std::int64_t expires = never;

    [[nodiscard]] std::array<std::uint8_t, size> bytes() const noexcept
    {
        std::array<std::uint8_t, size> out{version, suite};
        for (std::size_t i = 0; i < key_id.size(); ++i) out[2 + i] = key_id[i];
        out[6] = static_cast<std::uint8_t>(padding);
        boost::endian::store_big_s64(&out[7], issued);
        boost::endian::store_big_s64(&out[15], expires);
        return out;
    }

    /// From `size` bytes, of any content.
    [[nodiscard]] static sealed_header parse(std::uint8_t const* in) noexcept
    {
        sealed_header h;
        h.version = in[0];
        h.suite = in[1];
        for (std::size_t i = 0; i < h.key_id.size(); ++i) h.key_id[i] = in[2 + i];
        h.padding = static_cast<Padding>(in[6]);
        h.issued = boost::endian::load_big_s64(in + 7);
        h.expires = boost::endian::load_big_s64(in + 15);
        return h;
    }
};

} // namespace strata::detail
