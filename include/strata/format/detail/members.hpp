#pragma once

#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/hana/accessors.hpp>
#include <boost/hana/at.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

/// The members of a struct that is adapted for Boost.Hana or described for Boost.Describe: how many there are, their
/// names, and each of them by its number. Hana comes first where both know the struct.
namespace strata::detail {

template <class T>
concept hana_structure = std::is_class_v<T> && boost::hana::Struct<T>::value;

template <class T>
concept described_structure =
    std::is_class_v<T> && !hana_structure<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept structure = hana_structure<T> || described_structure<T>;

template <class T>
using descriptors = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <structure T> consteval std::size_t count_members()
{
    if constexpr (hana_structure<T>) {
        return decltype(boost::hana::length(boost::hana::accessors<T>()))::value;
    } else {
        return boost::mp11::mp_size<descriptors<T>>::value;
    }
}

template <structure T> inline constexpr std::size_t member_count = count_members<T>();

template <structure T, std::size_t I> consteval std::string_view member_name()
{
    if constexpr (hana_structure<T>) {
        using accessor = std::remove_cvref_t<decltype(boost::hana::at_c<I>(boost::hana::accessors<T>()))>;
        return std::remove_cvref_t<decltype(boost::hana::first(std::declval<accessor>()))>::c_str();
    } else {
        return boost::mp11::mp_at_c<descriptors<T>, I>::name;
    }
}

/// The names of the members in the order of their declaration.
template <structure T>
inline constexpr auto member_names = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::string_view, sizeof...(I)>{member_name<T, I>()...};
}(std::make_index_sequence<member_count<T>>{});

/// The `I`th member of `object`.
template <std::size_t I, class Object>
    requires structure<std::remove_const_t<Object>>
constexpr auto& member(Object& object) noexcept
{
    using T = std::remove_const_t<Object>;
    if constexpr (hana_structure<T>) {
        return boost::hana::second(boost::hana::at_c<I>(boost::hana::accessors<T>()))(object);
    } else {
        return object.*boost::mp11::mp_at_c<descriptors<T>, I>::pointer;
    }
}

template <structure T, std::size_t I> using member_t = std::remove_cvref_t<decltype(member<I>(std::declval<T&>()))>;

} // namespace strata::detail
