#pragma once

#include <strata/core/key_text.hpp>
#include <strata/core/request.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

/// How `get_or` finds the layer that lets one computation run per key at a time.
namespace strata::detail {

/// The policy of a layer with `get_or<T>(key, look, compute)`.
template <class Layer>
concept coalesces = requires { requires Layer::coalesces; };

template <class... Layers> struct coalescer {};
template <class Layer, class... Rest>
struct coalescer<Layer, Rest...>
    : std::conditional_t<coalesces<Layer>, std::type_identity<Layer>, coalescer<Rest...>> {};

/// The key of a store whose keys are `KeyType`, independent of the caller's.
template <class KeyType, class K> auto owned_key(K const& key)
{
    if constexpr (!std::same_as<KeyType, bytes>) {
        return KeyType(key);
    } else if constexpr (text_key<K>) {
        return std::string{std::string_view{key}};
    } else {
        key_buffer text;
        append_json(text, key);
        return std::string{text.begin(), text.end()};
    }
}

} // namespace strata::detail
