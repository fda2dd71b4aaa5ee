#pragma once

#include <strata/core/key.hpp>

namespace strata {

/// AES-128 in CBC mode, without authentication: for `CtuEncrypt` alone.
struct Aes128Cbc {
    static constexpr fixed_string name{"Aes128Cbc"};
};

} // namespace strata
