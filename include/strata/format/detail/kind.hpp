#pragma once

#include <strata/core/key_text.hpp>
#include <strata/core/value.hpp>
#include <strata/format/detail/members.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// The types that the formats know: what kind each is of, and the types of its parts.
namespace strata::detail {

/// Their numbers are part of fingerprints: a new one goes to the end.
enum class kind {
    none,  ///< Not one of these.
    empty, ///< `std::monostate`, `std::nullptr_t`: a type with one value.
    boolean,
    integer,  ///< Up to 64 bits, signed or not; characters are numbers.
    floating, ///< `float` and `double`.
    enumeration,
    text,       ///< `std::string` and what resembles it.
    duration,   ///< `std::chrono::duration`.
    time_point, ///< `std::chrono::time_point` of a clock that other processes share.
    optional,
    variant,
    tuple,     ///< `std::tuple`, `std::pair`.
    structure, ///< A struct adapted for Boost.Hana or described for Boost.Describe.
    map,
    set,
    sequence, ///< A container that grows at its end.
    array,    ///< One of fixed length.
};

template <class T, template <class...> class Of> inline constexpr bool is_a = false;
template <class... A, template <class...> class Of> inline constexpr bool is_a<Of<A...>, Of> = true;

template <class T>
concept text_value = byte_string<T> && std::convertible_to<T const&, std::string_view>;

template <class T>
concept resettable_optional = optional_like<T> && requires(T t) {
    typename T::value_type;
    t.emplace();
    t.reset();
};

template <class T>
concept container = std::ranges::sized_range<T> && std::default_initializable<T> && requires(T t) {
    typename T::value_type;
    t.clear();
    t.max_size();
};

template <class T>
concept map_like = container<T> && requires(T t, typename T::key_type key, typename T::mapped_type mapped) {
    t.emplace(std::move(key), std::move(mapped));
};

template <class T>
concept set_like = container<T> && !map_like<T> && requires(T t, typename T::key_type key) {
    t.emplace(std::move(key));
};

template <class T>
concept sequence_like = container<T> && requires(T t, typename T::value_type value) { t.push_back(std::move(value)); };

template <class T> inline constexpr bool is_array = std::is_bounded_array_v<T>;
template <class T, std::size_t N> inline constexpr bool is_array<std::array<T, N>> = true;

template <class T> consteval kind kind_of()
{
    if constexpr (structure<T>) return kind::structure;
    else if constexpr (std::same_as<T, std::monostate> || std::same_as<T, std::nullptr_t>) return kind::empty;
    else if constexpr (std::same_as<T, bool>) return kind::boolean;
    else if constexpr (std::integral<T> && sizeof(T) <= 8) return kind::integer;
    else if constexpr (std::same_as<T, float> || std::same_as<T, double>) return kind::floating;
    else if constexpr (std::is_enum_v<T>) return kind::enumeration;
    else if constexpr (text_value<T>) return kind::text;
    else if constexpr (is_a<T, std::chrono::duration>) return kind::duration;
    else if constexpr (is_a<T, std::chrono::time_point>) return T::clock::is_steady ? kind::none : kind::time_point;
    else if constexpr (resettable_optional<T>) return kind::optional;
    else if constexpr (is_a<T, std::variant>) return kind::variant;
    else if constexpr (is_array<T>) return kind::array;
    else if constexpr (tuple_like<T>) return kind::tuple;
    else if constexpr (map_like<T>) return kind::map;
    else if constexpr (set_like<T>) return kind::set;
    else if constexpr (sequence_like<T>) return kind::sequence;
    else return kind::none;
}

template <class T, kind... Any>
concept of_kind = ((kind_of<T>() == Any) || ...);

/// The signed or unsigned integer type of the size of `T`, which may be a type of characters.
template <std::integral T>
using plain_integer =
    typename std::conditional_t<std::is_signed_v<T>, std::make_signed<T>, std::make_unsigned<T>>::type;

template <class... T> struct types {};

/// The types that a value of type `T` is made of.
template <class T> consteval auto parts_of()
{
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::structure) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return types<member_t<T, I>...>{};
        }(std::make_index_sequence<member_count<T>>{});
    } else if constexpr (k == kind::tuple) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return types<std::remove_cv_t<std::tuple_element_t<I, T>>...>{};
        }(std::make_index_sequence<std::tuple_size_v<T>>{});
    } else if constexpr (k == kind::variant) {
        return []<class... A>(std::type_identity<std::variant<A...>>) {
            return types<A...>{};
        }(std::type_identity<T>{});
    } else if constexpr (k == kind::map) {
        return types<typename T::key_type, typename T::mapped_type>{};
    } else if constexpr (k == kind::array) {
        return types<std::remove_cvref_t<decltype(std::declval<T&>()[0])>>{};
    } else if constexpr (k == kind::optional || k == kind::set || k == kind::sequence) {
        return types<typename T::value_type>{};
    } else if constexpr (k == kind::duration) {
        return types<typename T::rep>{};
    } else if constexpr (k == kind::time_point) {
        return types<typename T::duration>{};
    } else if constexpr (k == kind::enumeration) {
        return types<std::underlying_type_t<T>>{};
    } else {
        return types<>{};
    }
}

template <class T> using parts_t = decltype(parts_of<T>());

/// A format that adds no types of its own.
struct no_others {
    template <class T> static constexpr bool handles = false;
};

/// Whether `T` and all that it is made of are of a kind above, or known to `Others`. A type may contain itself, as a
/// tree in a vector does; `Outer` are the types around this one.
template <class T, class Others = no_others, class... Outer> consteval bool holds()
{
    if constexpr ((std::same_as<T, Outer> || ...)) {
        return true;
    } else if constexpr (kind_of<T>() == kind::none) {
        return Others::template handles<T>;
    } else if constexpr (!std::is_bounded_array_v<T> && !(std::is_default_constructible_v<T> &&
                                                          std::is_move_constructible_v<T>)) {
        return false;
    } else {
        return []<class... Part>(types<Part...>) { return (holds<Part, Others, T, Outer...>() && ...); }(parts_t<T>{});
    }
}

/// The number of elements of an array.
template <class T> consteval std::size_t array_size()
{
    if constexpr (std::is_bounded_array_v<T>) {
        return std::extent_v<T>;
    } else {
        return std::tuple_size_v<T>;
    }
}

/// The type has one value: a struct without members, an array without elements.
template <class T> consteval bool has_one_value()
{
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::array) {
        return array_size<T>() == 0;
    } else {
        return k == kind::empty || ((k == kind::structure || k == kind::tuple) && std::same_as<parts_t<T>, types<>>);
    }
}

/// How deep values that contain themselves may go, so that what stands in the store cannot use up the machine's stack.
inline constexpr std::size_t max_depth = 64;

} // namespace strata::detail
