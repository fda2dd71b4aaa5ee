#pragma once

#include <boost/config.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// From the policies that were given to a stack, in any order, to the settings of each place in it.
namespace strata::detail {

template <class P, class... All> inline constexpr std::size_t count_of = (std::size_t{0} + ... + std::same_as<P, All>);

/// Where the `n`-th `P` stands among `All`; their number where there are fewer.
template <class P, class... All> consteval std::size_t index_of(std::size_t n)
{
    std::size_t index = 0;
    std::size_t result = sizeof...(All);
    ((result == sizeof...(All) && std::same_as<P, All> && n-- == 0 ? void(result = index) : void(), ++index), ...);
    return result;
}

/// The value of policy `P` that goes to its `Nth` place in the stack: the given one, else the default.
template <class P, std::size_t Nth, class... Given> P policy(std::tuple<Given...>& given)
{
    constexpr std::size_t index = index_of<P, Given...>(Nth);
    if constexpr (index < sizeof...(Given)) {
        return std::get<index>(std::move(given));
    } else if constexpr (std::is_default_constructible_v<P>) {
        return P{};
    } else {
        static_assert(std::is_default_constructible_v<P>,
                      "strata: this policy has a setting without a default, so it must be given to the constructor");
        BOOST_UNREACHABLE_RETURN(std::declval<P>())
    }
}

template <class P, class... InStack> consteval void given_to()
{
    static_assert(count_of<P, InStack...> > 0, "strata: this policy was given to a stack that does not have it");
}

/// The policies of a stack, the store first.
template <class... Policies> struct policies {
    template <std::size_t Index> using at = std::tuple_element_t<Index, std::tuple<Policies...>>;

    /// How many of the same policy stand before the one at `Index`.
    template <std::size_t Index> static consteval std::size_t occurrence()
    {
        std::size_t i = 0;
        std::size_t n = 0;
        ((n += i++ < Index && std::same_as<at<Index>, Policies>), ...);
        return n;
    }

    /// The settings of all policies in stack order, from those given in any order.
    template <class... Given> static std::tuple<Policies...> arrange(std::tuple<Given...> given)
    {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple<Policies...>{policy<at<I>, occurrence<I>()>(given)...};
        }(std::index_sequence_for<Policies...>{});
    }
};

} // namespace strata::detail
