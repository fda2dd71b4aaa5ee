#pragma once

#include <strata/core/key.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

/// AES-256 in SIV (RFC 5297): a nonce that comes twice reveals only whether two values of one key are equal. For places
/// where a running virtual machine may be cloned or set back. Two passes over each value, so slower than `Aes256`.
struct AesSiv {
    static constexpr fixed_string name{"AesSiv"};
    static constexpr std::string_view algorithm = "AES-256/SIV";
    static constexpr std::uint8_t suite = 3;
    static constexpr std::size_t key_size = 64;
    static constexpr std::size_t nonce_size = 16;
    static constexpr std::size_t tag_size = 16;
};

} // namespace strata
