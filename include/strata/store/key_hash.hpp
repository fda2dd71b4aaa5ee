#pragma once

#include <strata/core/value.hpp>

#include <boost/container_hash/hash.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string_view>
#include <type_traits>

/// How a `Memory` hashes its keys.
namespace strata {

/// What makes the hashes of one store differ from those of any other, so that nobody outside can prepare keys that
/// collide. Both halves are secret.
struct hash_seed {
    std::uint64_t first = 0;
    std::uint64_t second = 0;

    /// From the system's random device.
    [[nodiscard]] static hash_seed random()
    {
        std::random_device device;
        auto const word = [&] { return std::uint64_t{device()} << 32 | device(); };
        return {word(), word() | 1};
    }
};

namespace detail {

__extension__ using wide_product = unsigned __int128;

/// Both halves of the product in one word: each bit of `a` and `b` reaches all of it.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept
{
    auto const product = static_cast<wide_product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word> [[nodiscard]] std::uint64_t load(char const* bytes) noexcept
{
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// Multiply and fold, sixteen bytes at a step; both factors of each product hold a secret, so that none can be made
/// zero from outside. Not a cryptographic hash.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view bytes, hash_seed const& seed) noexcept
{
    char const* at = bytes.data();
    std::size_t const size = bytes.size();
    std::uint64_t state = seed.second;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (size > 16) {
        char const* const last = at + size - 16;
        for (; at < last; at += 16) {
            state = fold(load<std::uint64_t>(at) ^ seed.first, load<std::uint64_t>(at + 8) ^ state);
        }
        a = load<std::uint64_t>(last);
        b = load<std::uint64_t>(last + 8);
    } else if (size >= 8) {
        a = load<std::uint64_t>(at);
        b = load<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
        a = load<std::uint32_t>(at);
        b = load<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
        auto const byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])); };
        a = byte(0) << 16 | byte(size / 2) << 8 | byte(size - 1);
    }
    // The size goes in between the two products, where it cannot be undone by the bytes.
    return fold(fold(a ^ seed.first, b ^ state) ^ size, seed.second);
}

/// Twice, since one product spreads numbers in a row well or badly, as the seed would have it.
[[nodiscard]] inline std::uint64_t hash_word(std::uint64_t word, hash_seed const& seed) noexcept
{
    return fold(fold(word ^ seed.first, seed.second), seed.second);
}

/// Where Boost's `hash_value` and those of the types themselves are found.
namespace hash_values {

using boost::hash_value;
template <class Key>
concept has = requires(Key const& key) { hash_value(key); };

} // namespace hash_values

template <class Key>
concept generally_hashed = std::integral<Key> || std::is_enum_v<Key> || byte_view<Key> || hash_values::has<Key> ||
                           requires(Key const& key) { std::hash<Key>{}(key); };

} // namespace detail

/// The hash of a key, all 64 bits of which have to be good: call operator `(key, seed) → std::uint64_t`, which does not
/// throw. Specialize it for a key type of your own where the general one does not do: that is the type's `std::hash` or
/// Boost's `hash_value`, mixed with the seed, and no better against prepared collisions than that.
template <class Key> struct key_hash {
    [[nodiscard]] std::uint64_t operator()(Key const& key, hash_seed const& seed) const noexcept
        requires(detail::generally_hashed<Key>)
    {
        constexpr bool number = std::integral<Key> || std::is_enum_v<Key>;
        if constexpr (number && sizeof(Key) > sizeof(std::uint64_t)) { // an __int128, and enums of it
            return detail::hash_bytes({reinterpret_cast<char const*>(&key), sizeof key}, seed);
        } else if constexpr (number) {
            return detail::hash_word(static_cast<std::uint64_t>(key), seed);
        } else if constexpr (byte_view<Key>) {
            return detail::hash_bytes(view_bytes(key), seed);
        } else if constexpr (requires { std::hash<Key>{}(key); }) {
            return detail::hash_word(std::hash<Key>{}(key), seed);
        } else {
            return detail::hash_word(boost::hash<Key>{}(key), seed);
        }
    }
};

} // namespace strata
