#pragma once

namespace strata::detail {

/// Whether a layer in `Chain`, the links from one layer down to the store, says of itself that it compresses.
template <class Chain> consteval bool compresses()
{
    if constexpr (requires { requires Chain::layer_type::compresses; }) {
        return true;
    } else if constexpr (requires { typename Chain::beneath; }) {
        return compresses<typename Chain::beneath>();
    } else {
        return false;
    }
}

} // namespace strata::detail
