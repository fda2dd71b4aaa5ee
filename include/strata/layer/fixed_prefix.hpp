#pragma once

#include <strata/core/layer.hpp>

namespace strata {

/// Keys get a prefix that the compiler knows: `FixedPrefix<"p.">`. It has no state, and neighbours become one piece.
/// Safe from many threads.
template <fixed_string Text> struct FixedPrefix {
    static constexpr auto name = fixed_string{"FixedPrefix<\""} + Text + fixed_string{"\">"};

    template <class Next> class on {
    public:
        [[nodiscard]] static constexpr fixed_piece<Text> prefix() noexcept { return {}; }
    };
};

} // namespace strata
