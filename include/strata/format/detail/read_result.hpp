#pragma once

namespace strata::detail {

/// What comes of reading a value in a format that says what it holds.
enum class read_result {
    done,
    other,   ///< Not what the type is written as.
    unfit,   ///< What the type is written as, but not a value that it has; or cut off.
    changed, ///< A struct lacks a member, or has one of another type: it was written for an older or newer one.
};

} // namespace strata::detail
