#pragma once

#include <boost/config.hpp>
#include <boost/endian/conversion.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Integers in as many bytes as they need: the number of ones at the low end of the first byte is the number of bytes
/// that follow it, so that a decoder knows the length at once. Seven bits take one byte, 56 take eight, 64 take nine.
namespace strata::detail {

inline constexpr std::size_t max_varint = 9;

/// Small numbers of either sign become small unsigned ones: 0, -1, 1, -2, 2, …
template <std::signed_integral I> [[nodiscard]] constexpr std::make_unsigned_t<I> zigzag(I value) noexcept
{
    using U = std::make_unsigned_t<I>;
    return static_cast<U>(static_cast<U>(static_cast<U>(value) << 1) ^ static_cast<U>(value < 0 ? ~U{0} : U{0}));
}
template <std::unsigned_integral U> [[nodiscard]] constexpr std::make_signed_t<U> unzigzag(U value) noexcept
{
    return static_cast<std::make_signed_t<U>>(static_cast<U>(value >> 1) ^ static_cast<U>(U{0} - (value & 1)));
}

/// One less than the bits that `value` needs, at least 0.
[[nodiscard]] constexpr unsigned bits_above_first(std::uint64_t value) noexcept
{
    return static_cast<unsigned>(std::countl_zero(value | 1)) ^ 63;
}

/// Writes `value` at `out`, where there is room for `max_varint` bytes, and returns the end.
[[nodiscard]] BOOST_FORCEINLINE char* write_varint(char* out, std::uint64_t value) noexcept
{
    auto* const at = reinterpret_cast<unsigned char*>(out);
    auto const bits = bits_above_first(value);
    if (bits >= 56) [[unlikely]] {
        *at = 0xff;
        boost::endian::store_little_u64(at + 1, value);
        return out + max_varint;
    }
    unsigned const more = bits * 37 >> 8; // bits / 7
    boost::endian::store_little_u64(at, ((2 * value + 1) << more) - 1);
    return out + more + 1;
}

/// `read_varint` where less than `max_varint` bytes are left.
[[nodiscard]] BOOST_NOINLINE inline char const* read_last_varint(char const* in, char const* end,
                                                                 std::uint64_t& value) noexcept
{
    auto const* const at = reinterpret_cast<unsigned char const*>(in);
    if (in == end) return nullptr;
    auto const more = std::countr_one(*at);
    if (end - in <= more || more == 8) return nullptr;
    std::uint64_t word = 0;
    for (int i = 0; i <= more; ++i) word |= std::uint64_t{at[i]} << (8 * i);
    value = word >> (more + 1);
    return in + more + 1;
}

/// Reads what `write_varint` wrote into `value`; returns its end, or null where `end` comes first.
[[nodiscard]] BOOST_FORCEINLINE char const* read_varint(char const* in, char const* end, std::uint64_t& value) noexcept
{
    if (end - in < static_cast<std::ptrdiff_t>(max_varint)) [[unlikely]] return read_last_varint(in, end, value);
    auto const* const at = reinterpret_cast<unsigned char const*>(in);
    std::uint64_t const word = boost::endian::load_little_u64(at);
    auto const more = std::countr_zero(~word | 0x100); // ones at the low end, up to eight
    if (more == 8) [[unlikely]] {
        value = boost::endian::load_little_u64(at + 1);
        return in + max_varint;
    }
    auto const above = 56 - 8 * more; // bits of the word that are not of this number
    value = (word << above) >> (above + more + 1);
    return in + more + 1;
}

/// The same where a short number has its own way, and the code is to stay small.
[[nodiscard]] BOOST_NOINLINE inline char* write_long_varint(char* out, std::uint64_t value) noexcept
{
    return write_varint(out, value);
}
[[nodiscard]] BOOST_NOINLINE inline char const* read_long_varint(char const* in, char const* end,
                                                                 std::uint64_t& value) noexcept
{
    return read_varint(in, end, value);
}

} // namespace strata::detail
