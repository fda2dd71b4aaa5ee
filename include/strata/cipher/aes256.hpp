#pragma once

#include <strata/core/key.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

/// AES-256 in GCM (NIST SP 800-38D): the fastest one where the processor has instructions for AES.
struct Aes256 {
    static constexpr fixed_string name{"Aes256"};
    static constexpr std::string_view algorithm = "AES-256/GCM";
    static constexpr std::uint8_t suite = 2;
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::size_t tag_size = 16;
};

} // namespace strata
