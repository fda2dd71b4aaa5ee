#pragma once

#include <strata/format/detail/binary_writer.hpp>
#include <strata/format/detail/kind.hpp>
#include <strata/format/detail/utf8.hpp>

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace strata::detail {

/// Whether a `T` may be written as nil, so that an optional one needs something else to be told from it.
template <class T> inline constexpr bool may_be_nil = of_kind<T, kind::optional, kind::empty>;

/// Appends values as MessagePack, each in its shortest form, to a string.
class msgpack_writer {
public:
    explicit msgpack_writer(std::string& out) noexcept : out_{out} {}

    /// False for what MessagePack cannot say: lengths over 32 bits, too much depth.
    template <class T> [[nodiscard]] bool put(T const& value)
    {
        constexpr kind k = kind_of<T>();
        if constexpr (k == kind::empty) {
            byte(0xc0);
        } else if constexpr (k == kind::boolean) {
            byte(value ? 0xc3 : 0xc2);
        } else if constexpr (k == kind::integer) {
            if (std::is_signed_v<T> && value < T{0}) {
                negative(static_cast<std::int64_t>(value));
            } else {
                positive(static_cast<std::uint64_t>(value));
            }
        } else if constexpr (k == kind::floating) {
            if constexpr (sizeof(T) == 4) {
                headed(0xca, std::bit_cast<std::uint32_t>(value));
            } else {
                headed(0xcb, std::bit_cast<std::uint64_t>(value));
            }
        } else if constexpr (k == kind::enumeration) {
            return put(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (k == kind::text) {
            return text(value);
        } else if constexpr (k == kind::duration) {
            return put(value.count());
        } else if constexpr (k == kind::time_point) {
            return put(value.time_since_epoch());
        } else if constexpr (k == kind::optional) {
            return optional(value);
        } else if constexpr (k == kind::variant) {
            if (value.valueless_by_exception()) return false;
            return array(2, [&] {
                positive(value.index());
                return std::visit([&](auto const& held) { return put(held); }, value);
            });
        } else if constexpr (k == kind::tuple) {
            return array(std::tuple_size_v<T>, [&] {
                return std::apply([&](auto const&... part) { return (put(part) && ...); }, value);
            });
        } else if constexpr (k == kind::structure) {
            return map(member_count<T>, [&] {
                return [&]<std::size_t... I>(std::index_sequence<I...>) {
                    return ((text(member_names<T>[I]) && put(member<I>(value))) && ...);
                }(std::make_index_sequence<member_count<T>>{});
            });
        } else if constexpr (k == kind::map) {
            return map(std::ranges::size(value), [&] {
                return std::ranges::all_of(value, [&](auto const& e) { return put(e.first) && put(e.second); });
            });
        } else if constexpr (blob<T>) {
            return bin(view_bytes(value));
        } else {
            using element = std::ranges::range_value_t<T const>;
            return array(std::ranges::size(value), [&] {
                for (element const& e : value) {
                    if (!put(e)) return false;
                }
                return true;
            });
        }
        return true;
    }

    /// Text in UTF-8 is a str, any other is a bin.
    [[nodiscard]] bool text(std::string_view bytes)
    {
        if (!is_utf8(bytes)) return bin(bytes);
        return length(bytes.size(), {.fixed = 0xa0, .most_fixed = 31, .in_8 = 0xd9, .in_16 = 0xda, .in_32 = 0xdb}) &&
               append(bytes);
    }

private:
    /// The first bytes of something with a length, by the bits of the length; zero where there is no such form.
    struct forms {
        unsigned char fixed;
        unsigned most_fixed;
        unsigned char in_8;
        unsigned char in_16;
        unsigned char in_32;
    };

    void byte(unsigned value) { out_ += static_cast<char>(value); }

    template <std::unsigned_integral U> void headed(unsigned head, U number)
    {
        auto const big = boost::endian::native_to_big(number);
        byte(head);
        out_.append(reinterpret_cast<char const*>(&big), sizeof big);
    }

    void positive(std::uint64_t value)
    {
        if (value < 0x80) return byte(static_cast<unsigned>(value));
        if (value <= UINT8_MAX) return headed(0xcc, static_cast<std::uint8_t>(value));
        if (value <= UINT16_MAX) return headed(0xcd, static_cast<std::uint16_t>(value));
        if (value <= UINT32_MAX) return headed(0xce, static_cast<std::uint32_t>(value));
        headed(0xcf, value);
    }

    void negative(std::int64_t value)
    {
        if (value >= -32) return byte(static_cast<unsigned>(value) & 0xff);
        if (value >= INT8_MIN) return headed(0xd0, static_cast<std::uint8_t>(value));
        if (value >= INT16_MIN) return headed(0xd1, static_cast<std::uint16_t>(value));
        if (value >= INT32_MIN) return headed(0xd2, static_cast<std::uint32_t>(value));
        headed(0xd3, static_cast<std::uint64_t>(value));
    }

    [[nodiscard]] bool length(std::size_t size, forms const& as)
    {
        if (as.fixed != 0 && size <= as.most_fixed) {
            byte(as.fixed | static_cast<unsigned>(size));
        } else if (as.in_8 != 0 && size <= UINT8_MAX) {
            headed(as.in_8, static_cast<std::uint8_t>(size));
        } else if (size <= UINT16_MAX) {
            headed(as.in_16, static_cast<std::uint16_t>(size));
        } else if (size <= UINT32_MAX) {
            headed(as.in_32, static_cast<std::uint32_t>(size));
        } else {
            return false;
        }
        return true;
    }

    [[nodiscard]] bool append(std::string_view bytes)
    {
        out_ += bytes;
        return true;
    }

    [[nodiscard]] bool bin(std::string_view bytes)
    {
        return length(bytes.size(), {.fixed = 0, .most_fixed = 0, .in_8 = 0xc4, .in_16 = 0xc5, .in_32 = 0xc6}) &&
               append(bytes);
    }

    template <class T> [[nodiscard]] bool optional(T const& value)
    {
        using held = typename T::value_type;
        if constexpr (may_be_nil<held>) {
            return array(value.has_value(), [&] { return !value.has_value() || put<held>(*value); });
        } else if (value.has_value()) {
            return put<held>(*value);
        } else {
            byte(0xc0);
            return true;
        }
    }

    template <class F> [[nodiscard]] bool array(std::size_t size, F&& write)
    {
        return length(size, {.fixed = 0x90, .most_fixed = 15, .in_8 = 0, .in_16 = 0xdc, .in_32 = 0xdd}) &&
               nested(write);
    }
    template <class F> [[nodiscard]] bool map(std::size_t size, F&& write)
    {
        return length(size, {.fixed = 0x80, .most_fixed = 15, .in_8 = 0, .in_16 = 0xde, .in_32 = 0xdf}) &&
               nested(write);
    }

    template <class F> bool nested(F& write)
    {
        if (depth_ == max_depth) return false;
        ++depth_;
        bool const done = write();
        --depth_;
        return done;
    }

    std::string& out_;
    std::size_t depth_ = 0;
};

} // namespace strata::detail
