#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::detail {

/// Takes the first code point off `text`, which is not empty. A byte that does not belong to any becomes what Python's
/// `surrogateescape` makes of it, U+DC80 to U+DCFF; so different texts stay different.
[[nodiscard]] inline std::uint32_t take_code_point(std::string_view& text)
{
    auto const byte = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    };
    std::uint32_t const first = byte(0);
    std::size_t const more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    std::uint32_t point = more == 0 ? first : first & (0x3fu >> more);
    bool good = first < 0x80 || (first >= 0xc2 && first < 0xf5);
    for (std::size_t i = 1; good && i <= more; ++i) {
        good = (byte(i) & 0xc0) == 0x80;
        point = point << 6 | (byte(i) & 0x3f);
    }
    if (more == 2) good = good && point >= 0x800 && (point < 0xd800 || point > 0xdfff);
    if (more == 3) good = good && point >= 0x10000 && point <= 0x10ffff;
    text.remove_prefix(good ? more + 1 : 1);
    return good ? point : 0xdc00 + first;
}

/// `text` as a JSON string the way that Python's `json.dumps` writes it: in ASCII, all else escaped.
[[nodiscard]] inline std::string python_json_string(std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    out.reserve(text.size() + 2);
    auto const escape = [&](std::uint32_t unit) {
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) out += hex[unit >> shift & 15];
    };
    out += '"';
    while (!text.empty()) {
        std::uint32_t const point = take_code_point(text);
        switch (point) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\f': out += "\\f"; break;
        case '\b': out += "\\b"; break;
        default:
            if (point >= 0x20 && point < 0x7f) {
                out += static_cast<char>(point);
            } else if (point < 0x10000) {
                escape(point);
            } else {
                escape(0xd7c0 + (point >> 10));
                escape(0xdc00 + (point & 0x3ff));
            }
        }
    }
    out += '"';
    return out;
}

} // namespace strata::detail
