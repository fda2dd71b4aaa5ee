#pragma once

#include <strata/cipher/aes128_cbc.hpp>
#include <strata/cipher/chacha20.hpp>
#include <strata/cipher/detail/botan.hpp>
#include <strata/cipher/salsa20.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

/// The ciphers of CacheToolsUtils' `EncryptedCache`, each as an object that is used for one message after the other.
/// `digest` is SHA3-512 of key and secret: key and nonce are parts of it.
namespace strata::detail {

using ctu_digest = std::array<std::uint8_t, 64>;

/// Encrypts and decrypts from an offset on, in place. `decrypt` throws `Botan::Exception` for what cannot be.
template <class Cipher> class ctu_cipher;

class ctu_stream_cipher {
public:
    explicit ctu_stream_cipher(std::string const& algorithm)
        : cipher_{Botan::StreamCipher::create_or_throw(algorithm)}
    {
    }

    void encrypt(ctu_digest const& digest, botan::byte_buffer& text, std::size_t offset)
    {
        cipher_->set_key(digest.data() + 32, 32);
        cipher_->set_iv(digest.data() + 24, 8);
        cipher_->cipher1(text.data() + offset, text.size() - offset);
    }
    void decrypt(ctu_digest const& digest, botan::byte_buffer& text, std::size_t offset)
    {
        encrypt(digest, text, offset);
    }

private:
    botan::stream_cipher cipher_;
};

template <> class ctu_cipher<Salsa20> : public ctu_stream_cipher {
public:
    ctu_cipher() : ctu_stream_cipher{"Salsa20"} {}
};

/// ChaCha20 as first published, with a nonce of 8 bytes and a counter of 8.
template <> class ctu_cipher<ChaCha20> : public ctu_stream_cipher {
public:
    ctu_cipher() : ctu_stream_cipher{"ChaCha(20)"} {}
};

/// With the padding of PKCS #7.
template <> class ctu_cipher<Aes128Cbc> {
public:
    void encrypt(ctu_digest const& digest, botan::byte_buffer& text, std::size_t offset)
    {
        run(*encryption_, digest, text, offset);
    }
    void decrypt(ctu_digest const& digest, botan::byte_buffer& text, std::size_t offset)
    {
        run(*decryption_, digest, text, offset);
    }

private:
    static void run(Botan::Cipher_Mode& mode, ctu_digest const& digest, botan::byte_buffer& text, std::size_t offset)
    {
        mode.reset(); // what an exception interrupted is not continued
        mode.set_key(digest.data() + 48, 16);
        mode.start(digest.data() + 32, 16);
        mode.finish(text, offset);
    }

    botan::cipher_mode encryption_ = Botan::Cipher_Mode::create_or_throw("AES-128/CBC/PKCS7", botan::encryption);
    botan::cipher_mode decryption_ = Botan::Cipher_Mode::create_or_throw("AES-128/CBC/PKCS7", botan::decryption);
};

} // namespace strata::detail
