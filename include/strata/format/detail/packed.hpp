#pragma once

#include <strata/format/detail/kind.hpp>
#include <strata/format/detail/members.hpp>
#include <strata/format/detail/varint.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

/// The integers among the members of a struct, which `Binary` writes together: half a byte for the length of each, then
/// their bytes. All lengths are known at once, so that reading one integer does not wait for the one before it.
namespace strata::detail {

/// Integers of more than one byte, and what is written as one.
template <class T> consteval bool is_wide()
{
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::integer) {
        return sizeof(T) > 1;
    } else if constexpr (k == kind::enumeration || k == kind::duration || k == kind::time_point) {
        return []<class Part>(types<Part>) { return is_wide<Part>(); }(parts_t<T>{});
    } else {
        return false;
    }
}

template <class T>
concept wide = is_wide<T>();

/// The unsigned number as which an integer is written.
template <std::integral T> [[nodiscard]] constexpr std::uint64_t to_number(T value) noexcept
{
    if constexpr (std::is_signed_v<T>) {
        return zigzag(value);
    } else {
        return value;
    }
}
template <wide T>
    requires(!std::integral<T>)
[[nodiscard]] constexpr std::uint64_t to_number(T const& value) noexcept
{
    if constexpr (kind_of<T>() == kind::enumeration) {
        return to_number(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (kind_of<T>() == kind::duration) {
        return to_number(value.count());
    } else {
        return to_number(value.time_since_epoch());
    }
}

/// False for a number that a `T` cannot hold.
template <std::integral T> [[nodiscard]] constexpr bool from_number(std::uint64_t number, T& out) noexcept
{
    using U = std::make_unsigned_t<T>;
    if constexpr (std::is_signed_v<T>) {
        out = static_cast<T>(unzigzag(static_cast<U>(number)));
    } else {
        out = static_cast<T>(number);
    }
    return number <= std::numeric_limits<U>::max();
}
template <wide T>
    requires(!std::integral<T>)
[[nodiscard]] constexpr bool from_number(std::uint64_t number, T& out) noexcept
{
    return [&]<class Part>(types<Part>) {
        Part part{};
        bool const fits = from_number(number, part);
        out = static_cast<T>(part);
        return fits;
    }(parts_t<T>{});
}

template <class T> inline constexpr std::size_t part_count = []<class... Part>(types<Part...>) {
    return sizeof...(Part);
}(parts_t<T>{});

/// The `I`th part of a struct, tuple or pair.
template <std::size_t I, class T> constexpr auto& part_at(T& value) noexcept
{
    if constexpr (structure<std::remove_const_t<T>>) {
        return member<I>(value);
    } else {
        return std::get<I>(value);
    }
}

/// Where the wide parts of `T` stand, if it has several; else there is nothing to put together.
template <class T> inline constexpr auto packed_positions = []<class... Part>(types<Part...>) {
    constexpr std::size_t count = (std::size_t{0} + ... + is_wide<Part>());
    std::array<std::size_t, (count > 1 ? count : 0)> made{};
    if constexpr (count > 1) {
        constexpr bool chosen[] = {is_wide<Part>()...};
        for (std::size_t i = 0, at = 0; i < sizeof...(Part); ++i) {
            if (chosen[i]) made[at++] = i;
        }
    }
    return made;
}(parts_t<T>{});

template <class T> inline constexpr std::size_t packed_count = packed_positions<T>.size();

/// The `I`th part of `T` is written with the other integers.
template <class T, std::size_t I> consteval bool is_packed()
{
    for (std::size_t const position : packed_positions<T>) {
        if (position == I) return true;
    }
    return false;
}

/// As many integers are put together as have their lengths in one word.
inline constexpr std::size_t most_packed = 16;

/// The positions of the packed parts of `T` from the one with the number `Begin` on, as many as are put together.
template <class T, std::size_t Begin> consteval auto packed_group()
{
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return std::index_sequence<packed_positions<T>[Begin + I]...>{};
    }(std::make_index_sequence<std::min(most_packed, packed_count<T> - Begin)>{});
}

/// Masks for the low bytes of a word, the first of them for one byte.
inline constexpr std::array<std::uint64_t, 8> low_bytes = [] {
    std::array<std::uint64_t, 8> masks{};
    for (std::size_t i = 0; i < masks.size(); ++i) masks[i] = ~std::uint64_t{0} >> (56 - 8 * i);
    return masks;
}();

/// The bytes that the lengths of `count` integers take.
[[nodiscard]] constexpr std::size_t lengths_size(std::size_t count) noexcept { return (count + 1) / 2; }

} // namespace strata::detail
