#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

/// A cipher for `Encrypt`: a struct that names an algorithm for authenticated encryption with associated data which
/// Botan has. It holds constants and nothing else; where they are not the algorithm's, or Botan lacks it, making the
/// cache throws `std::invalid_argument`:
///
///     struct Camellia {
///         static constexpr fixed_string name{"Camellia"};           // in `describe()`
///         static constexpr std::string_view algorithm = "Camellia-256/GCM"; // as Botan calls it
///         static constexpr std::uint8_t suite = 128;                // in the header of each entry
///         static constexpr std::size_t key_size = 32;               // bytes
///         static constexpr std::size_t nonce_size = 12;             // bytes, random at each write
///         static constexpr std::size_t tag_size = 16;               // bytes
///     };
///
/// `suite` must differ between all ciphers that share a store: 1 to 127 are the library's, the others its users'.
/// Each cache key has an encryption key of its own, so nonces must only be unique among the writes of one key: 12
/// random bytes are safe for 2^32 of them. Do not use OCB: Botan's object misbehaves when it gets another key.
template <class C>
concept cipher = requires {
    { C::name.view() } -> std::same_as<std::string_view>;
    { C::algorithm } -> std::convertible_to<std::string_view>;
    { C::suite } -> std::convertible_to<std::uint8_t>;
    { C::key_size } -> std::convertible_to<std::size_t>;
    { C::nonce_size } -> std::convertible_to<std::size_t>;
    { C::tag_size } -> std::convertible_to<std::size_t>;
    requires C::suite != 0;
    requires C::key_size >= 16 && C::key_size <= 256;
    requires C::nonce_size >= 12 && C::nonce_size <= 64;
    requires C::tag_size >= 16 && C::tag_size <= 64;
};

} // namespace strata
