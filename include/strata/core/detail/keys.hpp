#pragma once

#include <strata/core/key.hpp>
#include <strata/core/key_text.hpp>
#include <strata/core/request.hpp>

#include <boost/config.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <vector>

/// From the keys that a caller gives to the batch that goes down, in the form that the store takes: `StoreKey`, or
/// pieces of `bytes`.
namespace strata::detail {

template <class Range> [[nodiscard]] std::size_t size_of(Range const& range)
{
    return static_cast<std::size_t>(std::ranges::distance(range));
}

/// The form in which a key of type `K` goes down to a store of objects: a view as it is, else the store's own type.
template <class StoreKey, class K>
using native_key = std::conditional_t<std::same_as<K, view_of_key_t<StoreKey>>, K, StoreKey>;

/// A number as one of another type that is as wide: the conversion is meant, and no compiler need warn of it. All else
/// as it is.
template <class To, class From> [[nodiscard]] BOOST_FORCEINLINE decltype(auto) as_wide(From const& from) noexcept
{
    if constexpr (std::integral<To> && std::integral<From> && !std::same_as<To, From> && sizeof(From) <= sizeof(To)) {
        return static_cast<To>(from);
    } else {
        return (from);
    }
}

/// Calls `f` with the batch of the one `key`.
template <class StoreKey, class K, class F> BOOST_FORCEINLINE void with_key(K const& key, F&& f)
{
    if constexpr (!std::same_as<StoreKey, bytes>) {
        using native_type = native_key<StoreKey, K>;
        constexpr bool converts = std::convertible_to<K const&, native_type>;
        static_assert(converts,
                      "strata: this store has a key type of its own, and this key does not convert to it");
        if constexpr (converts) {
            native_type const& native = as_wide<native_type>(key);
            f(single_key<native_type const&>{native});
        }
    } else if constexpr (text_key<K>) {
        f(single_key{key_view{std::string_view{key}}});
    } else if constexpr (!key_part<K>) {
        static_assert(key_part<K>, "strata: a key is text, a number, an enum, or a tuple of those");
    } else {
        key_buffer text;
        append_json(text, key);
        f(single_key{key_view{std::string_view{text.data(), text.size()}}});
    }
}

/// The keys of a range: references to them, or their texts.
template <class StoreKey, class Part> struct key_batch {
    std::vector<Part> parts;

    [[nodiscard]] std::size_t size() const noexcept { return parts.size(); }
    [[nodiscard]] decltype(auto) operator[](std::size_t i) const noexcept
    {
        if constexpr (!std::same_as<StoreKey, bytes>) {
            return static_cast<StoreKey const&>(parts[i]);
        } else {
            return key_view{std::string_view{parts[i].data(), parts[i].size()}};
        }
    }
};

/// The keys of a range where they lie.
template <class StoreKey, class Range, class Key> struct keys_in_place {
    Range const& range;
    Key key;

    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(std::ranges::size(range)); }
    [[nodiscard]] decltype(auto) operator[](std::size_t i) const noexcept
    {
        auto const& found = key(std::ranges::begin(range)[static_cast<std::ptrdiff_t>(i)]);
        if constexpr (!std::same_as<StoreKey, bytes>) {
            return static_cast<StoreKey const&>(found);
        } else {
            return key_view{std::string_view{found}};
        }
    }
};

/// Calls `f` with the batch of the keys that `key` finds in the elements of `range`.
template <class StoreKey, class Range, class Key, class F> void with_keys(Range const& range, Key key, F&& f)
{
    using K = std::remove_cvref_t<decltype(key(*std::ranges::begin(range)))>;
    constexpr bool lies_still = std::is_lvalue_reference_v<std::ranges::range_reference_t<Range const>> ||
                                std::same_as<K, std::string_view>;
    constexpr bool at_hand = std::ranges::random_access_range<Range const> && std::ranges::sized_range<Range const> &&
                             std::is_lvalue_reference_v<std::ranges::range_reference_t<Range const>> &&
                             std::is_lvalue_reference_v<decltype(key(*std::ranges::begin(range)))>;
    if constexpr (!std::same_as<StoreKey, bytes>) {
        using native = native_key<StoreKey, K>;
        constexpr bool convert = std::convertible_to<K const&, native>;
        static_assert(convert,
                      "strata: this store has a key type of its own, and these keys do not convert to it");
        if constexpr (at_hand && std::same_as<K, native>) {
            f(keys_in_place<native, Range, Key>{range, key});
        } else if constexpr (convert) {
            using part = std::conditional_t<lies_still && std::same_as<K, native>, std::reference_wrapper<native const>,
                                            native>;
            key_batch<native, part> batch;
            batch.parts.reserve(size_of(range));
            for (auto&& entry : range) batch.parts.emplace_back(key(entry));
            f(batch);
        }
    } else if constexpr (text_key<K> && at_hand && std::is_class_v<K>) {
        f(keys_in_place<bytes, Range, Key>{range, key});
    } else if constexpr (text_key<K> && lies_still) {
        key_batch<bytes, std::string_view> batch;
        batch.parts.reserve(size_of(range));
        for (auto&& entry : range) batch.parts.emplace_back(key(entry));
        f(batch);
    } else if constexpr (!key_part<K>) {
        static_assert(key_part<K>, "strata: a key is text, a number, an enum, or a tuple of those");
    } else {
        key_batch<bytes, key_buffer> batch;
        batch.parts.reserve(size_of(range));
        for (auto&& entry : range) {
            key_buffer& text = batch.parts.emplace_back();
            if constexpr (text_key<K>) {
                append(text, key(entry));
            } else {
                append_json(text, key(entry));
            }
        }
        f(batch);
    }
}

} // namespace strata::detail
