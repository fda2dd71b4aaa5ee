#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace strata {

/// What `Encrypt` does against the length of a value being seen in the length of what is stored.
enum class Padding : std::uint8_t {
    none = 0,  ///< The length shows.
    padme = 1, ///< Only O(log log n) bits of it show, for at most 12 % more bytes.
};

/// The length to which PADMÉ pads `n` bytes: the floating-point numbers whose mantissa is no longer than their
/// exponent. Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: Reducing Metadata Leakage from Encrypted Files and
/// Communication with PURBs, PoPETs 2019(4).
[[nodiscard]] constexpr std::size_t padme(std::size_t n) noexcept
{
    if (n < 2) return n;
    auto const exponent = static_cast<unsigned>(std::bit_width(n)) - 1;
    auto const mantissa = static_cast<unsigned>(std::bit_width(exponent));
    std::size_t const mask = (std::size_t{1} << (exponent - mantissa)) - 1;
    return (n + mask) & ~mask;
}

} // namespace strata
