#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Base85 with the alphabet of RFC 1924 and groups of four bytes, as Python's `base64.b85encode` writes it.
namespace strata::detail {

inline constexpr std::string_view base85_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Appends `in` as text. A group of n bytes at the end becomes n + 1 digits.
inline void append_base85(std::string& out, std::string_view in)
{
    out.reserve(out.size() + (in.size() + 3) / 4 * 5);
    for (std::size_t at = 0; at < in.size(); at += 4) {
        std::string_view const group = in.substr(at, 4);
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            number = number << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0);
        }
        std::array<char, 5> digits;
        for (std::size_t i = 5; i-- > 0; number /= 85) digits[i] = base85_digits[number % 85];
        out.append(digits.data(), group.size() + 1);
    }
}

/// Appends the bytes that `in` is the text of. False: it is the text of none.
[[nodiscard]] inline bool append_from_base85(std::string& out, std::string_view in)
{
    if (in.size() % 5 == 1) return false;
    out.reserve(out.size() + in.size() / 5 * 4 + 4);
    for (std::size_t at = 0; at < in.size(); at += 5) {
        std::string_view const group = in.substr(at, 5);
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            std::size_t const digit = i < group.size() ? base85_digits.find(group[i]) : 84;
            if (digit == base85_digits.npos) return false;
            number = number * 85 + digit;
        }
        if (number > UINT32_MAX) return false;
        for (std::size_t i = 0; i + 1 < group.size(); ++i) {
            out += static_cast<char>(static_cast<unsigned char>(number >> (24 - 8 * i)));
        }
    }
    return true;
}

} // namespace strata::detail
