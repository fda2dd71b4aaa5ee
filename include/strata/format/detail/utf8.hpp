#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace strata::detail {

/// Whether `text` is well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept
{
    auto const* at = reinterpret_cast<unsigned char const*>(text.data());
    auto const* const end = at + text.size();
    auto const follows = [&](std::ptrdiff_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return i < end - at && at[i] >= low && at[i] <= high;
    };
    while (at != end) {
        if (end - at >= 8) { // most text is ASCII
            std::uint64_t word;
            std::memcpy(&word, at, sizeof word);
            if ((word & 0x8080808080808080) == 0) {
                at += 8;
                continue;
            }
        }
        unsigned const lead = *at;
        if (lead < 0x80) {
            at += 1;
        } else if (lead >= 0xc2 && lead <= 0xdf) {
            if (!follows(1)) return false;
            at += 2;
        } else if (lead >= 0xe0 && lead <= 0xef) {
            if (!follows(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf) || !follows(2)) return false;
            at += 3;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            if (!follows(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf)) return false;
            if (!follows(2) || !follows(3)) return false;
            at += 4;
        } else {
            return false;
        }
    }
    return true;
}

} // namespace strata::detail
