#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/members.hpp>
#include <boost/hana/tuple.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// The text of keys that are not text: compact JSON, so that a number is `3`, and a tuple or the arguments of a
/// memoized function are `["hello",3]`. Two different tuples never share a text; a number and the text of its digits
/// do, outside of a tuple.
namespace strata {

template <class K>
concept text_key = std::convertible_to<K const&, std::string_view> && !std::same_as<K, std::nullptr_t>;

namespace detail {

template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; } && !std::ranges::range<T>;

template <class T>
concept optional_like = requires(T const& t) {
    { t.has_value() } -> std::same_as<bool>;
    *t;
};

/// Its text may be `null`.
template <class T>
concept may_be_null = optional_like<T> || std::same_as<T, std::nullptr_t> || std::is_pointer_v<T>;

template <class T>
concept duration_like = requires(T const& t) {
    typename T::rep;
    typename T::period;
    t.count();
};

template <class T>
concept time_point_like = requires {
    typename T::clock;
    typename T::duration;
};

template <class K> consteval bool is_key_part()
{
    if constexpr (text_key<K> || std::is_arithmetic_v<K> || std::is_enum_v<K> || std::same_as<K, std::nullptr_t>) {
        return true;
    } else if constexpr (duration_like<K>) {
        return is_key_part<typename K::rep>();
    } else if constexpr (time_point_like<K>) {
        return is_key_part<typename K::duration>();
    } else if constexpr (optional_like<K>) {
        return is_key_part<std::remove_cvref_t<decltype(*std::declval<K const&>())>>();
    } else if constexpr (tuple_like<K>) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (is_key_part<std::remove_cvref_t<std::tuple_element_t<I, K>>>() && ...);
        }(std::make_index_sequence<std::tuple_size_v<K>>{});
    } else if constexpr (boost::hana::Struct<K>::value) {
        return []<class... M>(boost::hana::tuple<M...> const*) {
            return (is_key_part<std::remove_cvref_t<M>>() && ...);
        }(static_cast<decltype(boost::hana::members(std::declval<K const&>()))*>(nullptr));
    } else if constexpr (std::ranges::input_range<K const>) {
        using element = std::ranges::range_value_t<K const>;
        if constexpr (std::same_as<element, K>) {
            return false;
        } else {
            return is_key_part<element>();
        }
    } else {
        return false;
    }
}

} // namespace detail

/// What can be (part of) a key: text, integers, enums, floating-point numbers, bool, null, durations and time points,
/// and optionals, tuples, pairs, ranges, and structs adapted for Boost.Hana of such things.
template <class K>
concept key_part = detail::is_key_part<K>();

/// Where the text of a key is written: it allocates only beyond 64 bytes.
using key_buffer = boost::container::small_vector<char, 64>;

template <class Buffer> void append(Buffer& out, std::string_view text)
{
    out.insert(out.end(), text.begin(), text.end());
}

/// A JSON string of any bytes: what JSON demands is escaped, all else stands as it is.
template <class Buffer> void append_quoted(Buffer& out, std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    auto const escaped = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; };
    out.push_back('"');
    for (auto at = text.begin();;) {
        auto const run = std::find_if(at, text.end(), escaped);
        out.insert(out.end(), at, run);
        if (run == text.end()) break;
        at = run + 1;
        switch (*run) {
        case '"': append(out, "\\\""); break;
        case '\\': append(out, "\\\\"); break;
        case '\b': append(out, "\\b"); break;
        case '\f': append(out, "\\f"); break;
        case '\n': append(out, "\\n"); break;
        case '\r': append(out, "\\r"); break;
        case '\t': append(out, "\\t"); break;
        default:
            append(out, "\\u00");
            out.push_back(hex[static_cast<unsigned char>(*run) >> 4]);
            out.push_back(hex[static_cast<unsigned char>(*run) & 15]);
        }
    }
    out.push_back('"');
}

/// Appends the compact JSON text of `part`.
template <key_part Part> void append_json(key_buffer& out, Part const& part)
{
    auto const array = [&out](auto&& each) {
        out.push_back('[');
        bool first = true;
        each([&](auto const& element) {
            if (!std::exchange(first, false)) out.push_back(',');
            append_json(out, element);
        });
        out.push_back(']');
    };

    if constexpr (std::same_as<Part, bool>) {
        append(out, part ? "true" : "false");
    } else if constexpr (std::same_as<Part, std::nullptr_t>) {
        append(out, "null");
    } else if constexpr (std::same_as<Part, char>) {
        append_quoted(out, {&part, 1});
    } else if constexpr (std::is_enum_v<Part>) {
        append_json(out, static_cast<std::underlying_type_t<Part>>(part));
    } else if constexpr (std::integral<Part>) {
        char digits[std::numeric_limits<Part>::digits10 + 3];
        auto const end = std::to_chars(digits, digits + sizeof digits, +part).ptr;
        append(out, {digits, end});
    } else if constexpr (std::floating_point<Part>) {
        char digits[64]; // the shortest text that reads back as the same number
        auto const end = std::to_chars(digits, digits + sizeof digits, part).ptr;
        append(out, {digits, end});
    } else if constexpr (text_key<Part>) {
        if constexpr (std::is_pointer_v<Part>) {
            if (!part) return append(out, "null");
        }
        append_quoted(out, part);
    } else if constexpr (detail::duration_like<Part>) {
        append_json(out, part.count());
    } else if constexpr (detail::time_point_like<Part>) {
        append_json(out, part.time_since_epoch());
    } else if constexpr (detail::optional_like<Part>) {
        if (!part.has_value()) {
            append(out, "null");
        } else if constexpr (detail::may_be_null<std::remove_cvref_t<decltype(*part)>>) {
            array([&](auto&& element) { element(*part); }); // not the `null` of an empty one
        } else {
            append_json(out, *part);
        }
    } else if constexpr (detail::tuple_like<Part>) {
        array([&](auto&& element) { std::apply([&](auto const&... e) { (element(e), ...); }, part); });
    } else if constexpr (boost::hana::Struct<Part>::value) {
        array([&](auto&& element) { boost::hana::for_each(boost::hana::members(part), element); });
    } else {
        array([&](auto&& element) {
            for (auto const& e : part) element(e);
        });
    }
}

} // namespace strata
