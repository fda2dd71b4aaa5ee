#pragma once

#include <strata/format/detail/kind.hpp>

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/json/conversion.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <ranges>
#include <string_view>
#include <type_traits>

/// What JSON makes of the kinds of types.
namespace strata::detail {

template <class T>
concept json_tree = std::same_as<T, boost::json::value> || std::same_as<T, boost::json::object> ||
                    std::same_as<T, boost::json::array>;

/// Types that are known through Boost.JSON's `value_from` and `value_to`. Views are not: what they show is gone when
/// the tree is.
template <class T>
concept json_converted = std::is_class_v<T> && std::default_initializable<T> && !std::ranges::view<T> &&
                         !std::convertible_to<T const&, std::string_view> && boost::json::has_value_from<T>::value &&
                         boost::json::has_value_to<T>::value;

struct json_conversions {
    template <class T> static constexpr bool handles = json_tree<T> || json_converted<T>;
};

/// `T` is none of strata's kinds, all the way down: Boost.JSON itself is the authority on its own containers.
template <class T> consteval kind json_kind()
{
    return json_tree<T> ? kind::none : kind_of<T>();
}

/// A map that becomes an object: its keys are text, and each is there once.
template <class T>
concept json_object = map_like<T> && text_value<typename T::key_type> &&
                      requires(T t, typename T::key_type key, typename T::mapped_type mapped) {
                          { t.emplace(std::move(key), std::move(mapped)).second } -> std::convertible_to<bool>;
                      };

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// Whether a `T` may be written as `null`, so that an optional one needs something else to be told from it.
template <class T> consteval bool may_be_json_null()
{
    constexpr kind k = json_kind<T>();
    return k == kind::none || k == kind::optional || k == kind::empty;
}

/// The members of a struct by their names.
template <structure T>
inline constexpr auto sorted_members = [] {
    std::array<std::size_t, member_count<T>> order{};
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [](std::size_t i) { return member_names<T>[i]; });
    return order;
}();

} // namespace strata::detail
