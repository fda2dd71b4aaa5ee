#pragma once

#include <strata/core/request.hpp>

#include <boost/config.hpp>

#include <any>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What a caller may put into and get from a stack whose top takes bytes, objects of one type, or whatever a format
/// knows.
namespace strata {

/// A sequence of bytes that can be assigned: `std::string`, `std::vector<std::byte>`, …
template <class T>
concept byte_string = std::ranges::contiguous_range<T> && sizeof(std::ranges::range_value_t<T>) == 1 &&
                      std::is_trivially_copyable_v<std::ranges::range_value_t<T>> &&
                      !std::same_as<std::ranges::range_value_t<T>, bool> &&
                      requires(T t, std::ranges::range_value_t<T> const* p) { t.assign(p, p); };

/// What can be read as bytes: text, literals, vectors and spans of single bytes.
template <class T>
concept byte_view =
    std::convertible_to<T const&, std::string_view> ||
    (std::ranges::contiguous_range<T const> && sizeof(std::ranges::range_value_t<T const>) == 1 &&
     std::is_trivially_copyable_v<std::ranges::range_value_t<T const>> &&
     !std::same_as<std::remove_cv_t<std::ranges::range_value_t<T const>>, bool>);

template <byte_view T> [[nodiscard]] std::string_view view_bytes(T const& value)
{
    if constexpr (std::convertible_to<T const&, std::string_view>) {
        return value;
    } else {
        return {reinterpret_cast<char const*>(std::ranges::data(value)), std::ranges::size(value)};
    }
}

namespace detail {

/// Copies bytes as `memcpy` does, without a call where they are few.
inline void copy_bytes(void* to, void const* from, std::size_t size) noexcept
{
    struct half {
        std::byte bytes[16];
    };
    if (size < sizeof(half) || size > 4 * sizeof(half)) {
        if (size > 0) std::memcpy(to, from, size);
        return;
    }
    auto const load = [&](std::size_t at) {
        half result;
        std::memcpy(&result, static_cast<std::byte const*>(from) + at, sizeof result);
        return result;
    };
    auto const store = [&](std::size_t at, half const& h) {
        std::memcpy(static_cast<std::byte*>(to) + at, &h, sizeof h);
    };
    auto const last = size - sizeof(half);
    if (size > 2 * sizeof(half)) { // the parts overlap
        store(sizeof(half), load(sizeof(half)));
        store(last - sizeof(half), load(last - sizeof(half)));
    }
    store(0, load(0));
    store(last, load(last));
}

} // namespace detail

template <byte_string T> BOOST_FORCEINLINE void assign_bytes(T& out, std::string_view bytes)
{
    auto const* first = reinterpret_cast<std::ranges::range_value_t<T> const*>(bytes.data());
    if constexpr (requires { out.resize(bytes.size()); }) {
        if (bytes.size() <= out.size()) { // a reused buffer: `assign` of any range costs more than the copy
            if (bytes.size() < out.size()) out.resize(bytes.size());
            detail::copy_bytes(std::ranges::data(out), first, bytes.size());
            return;
        }
    }
    out.assign(first, first + bytes.size());
}

/// The `value_type` of a layer that turns any type which `Format` knows into bytes.
template <class Format> struct any_of {};

/// What stands in the store for an argument of type `T`: text of any kind is a `std::string`.
template <class T>
using stored_t = std::conditional_t<std::convertible_to<T const&, std::string_view> && !std::is_class_v<T>,
                                    std::string,
                                    std::conditional_t<std::same_as<T, std::string_view>, std::string, T>>;

namespace detail {

/// What a stack holds: `made` is what it makes of the result of a caller's function.
template <class Value> struct values_of { // a store of objects
    using natural = Value;
    static constexpr bool of_objects = true;
    template <class T> static constexpr bool holds = std::same_as<T, Value>;
    template <class T> static constexpr bool takes = std::convertible_to<T, Value>;
    template <class T> using made = std::conditional_t<takes<T>, Value, T>;
    template <class T> static T convert(auto&& value) { return T(std::forward<decltype(value)>(value)); }
};
template <> struct values_of<std::any> { // a store of objects of any type, chosen at the call
    using natural = std::any;
    static constexpr bool of_objects = true;
    template <class T> static constexpr bool holds = std::copy_constructible<T>;
    template <class T> static constexpr bool takes = std::copy_constructible<std::decay_t<T>>;
    template <class T> using made = stored_t<T>;
    template <class T> static T convert(auto&& value) { return T(std::forward<decltype(value)>(value)); }
};
template <> struct values_of<bytes> {
    using natural = std::string;
    static constexpr bool of_objects = false;
    template <class T> static constexpr bool holds = byte_string<T>;
    template <class T> static constexpr bool takes = byte_view<std::remove_cvref_t<T>>;
    template <class T> using made = stored_t<T>;
    template <class T> static T convert(auto&& value) { return T(std::forward<decltype(value)>(value)); }
};
template <class Format> struct values_of<any_of<Format>> {
    using natural = void; // chosen at the call
    static constexpr bool of_objects = false;
    template <class T> static constexpr bool holds = Format::template handles<T>;
    template <class T> static constexpr bool takes = Format::template handles<stored_t<std::remove_cvref_t<T>>>;
    template <class T> using made = stored_t<T>;
    template <class T> static T convert(auto&& value) { return T(std::forward<decltype(value)>(value)); }
};

} // namespace detail

} // namespace strata
