#pragma once

#include <strata/core/key.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

/// XChaCha20-Poly1305 (RFC 8439 with the 24-byte nonce of draft-irtf-cfrg-xchacha): fast without hardware support, and
/// the choice where nothing speaks for another. `CtuEncrypt` means plain ChaCha20 by it.
struct ChaCha20 {
    static constexpr fixed_string name{"ChaCha20"};
    static constexpr std::string_view algorithm = "ChaCha20Poly1305";
    static constexpr std::uint8_t suite = 1;
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t nonce_size = 24;
    static constexpr std::size_t tag_size = 16;
};

} // namespace strata
