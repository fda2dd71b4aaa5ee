#pragma once

#include <botan/aead.h>
#include <botan/exceptn.h>
#include <botan/hash.h>
#include <botan/kdf.h>
#include <botan/mac.h>
#include <botan/mem_ops.h>
#include <botan/secmem.h>
#include <botan/stream_cipher.h>
#include <botan/system_rng.h>
#include <botan/version.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// Botan 2.19 and 3.x as the ciphers and the layers use them. What differs between the two is here and nowhere else.
namespace strata::detail::botan {

using byte_buffer = Botan::secure_vector<std::uint8_t>;
using aead = std::unique_ptr<Botan::AEAD_Mode>;
using cipher_mode = std::unique_ptr<Botan::Cipher_Mode>;
using stream_cipher = std::unique_ptr<Botan::StreamCipher>;
using hash = std::unique_ptr<Botan::HashFunction>;
using mac = std::unique_ptr<Botan::MessageAuthenticationCode>;

#if BOTAN_VERSION_MAJOR >= 3
inline constexpr auto encryption = Botan::Cipher_Dir::Encryption;
inline constexpr auto decryption = Botan::Cipher_Dir::Decryption;
#else
inline constexpr auto encryption = Botan::ENCRYPTION;
inline constexpr auto decryption = Botan::DECRYPTION;
#endif

[[nodiscard]] inline std::uint8_t const* data(std::string_view text) noexcept
{
    return reinterpret_cast<std::uint8_t const*>(text.data());
}

[[nodiscard]] inline mac make_hmac_sha256(std::span<std::uint8_t const> key)
{
    mac made = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    made->set_key(key.data(), key.size());
    return made;
}

/// HKDF (RFC 5869) with SHA-256. Text is taken as bytes.
[[nodiscard]] inline byte_buffer hkdf_sha256(std::span<std::uint8_t const> secret, std::string_view salt,
                                             std::string_view label, std::size_t size)
{
    auto const kdf = Botan::KDF::create_or_throw("HKDF(SHA-256)");
#if BOTAN_VERSION_MAJOR >= 3
    return kdf->derive_key(size, secret, salt, label);
#else
    return kdf->derive_key(size, secret.data(), secret.size(), data(salt), salt.size(), data(label), label.size());
#endif
}

/// Overwrites memory so that the compiler cannot leave it out.
inline void scrub(std::span<std::uint8_t> memory) noexcept
{
    Botan::secure_scrub_memory(memory.data(), memory.size());
}

/// Bytes of the operating system's generator.
inline void random(std::span<std::uint8_t> out) { Botan::system_rng().randomize(out.data(), out.size()); }

} // namespace strata::detail::botan
