#pragma once

#include <strata/core/key.hpp>

namespace strata {

/// Salsa20, without authentication: for `CtuEncrypt` alone.
struct Salsa20 {
    static constexpr fixed_string name{"Salsa20"};
};

} // namespace strata
