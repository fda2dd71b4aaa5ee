#pragma once

#include <cstddef>

/// What a `Memory` tells about itself.
namespace strata {

/// Why an entry went.
enum class removal {
    replaced, ///< `put` gave its key another value.
    erased,   ///< `erase` or `clear`.
    expired,  ///< Its lifetime had ended; it may have ended a while ago.
    evicted,  ///< There was no room for it.
};

/// What a `Memory` holds, and the memory that it has taken for that. Values that own memory elsewhere count without it.
struct memory_statistics {
    std::size_t entries = 0;        ///< Those that have ended and were not yet met included.
    std::size_t weight = 0;         ///< By the weigher; 0 where there is no `max_bytes`.
    std::size_t evicted = 0;        ///< Since the store was made.
    std::size_t expired = 0;        ///< Since the store was made.
    std::size_t entry_bytes = 0;    ///< Keys and values, free places included.
    std::size_t index_bytes = 0;    ///< Buckets.
    std::size_t order_bytes = 0;    ///< What the eviction keeps.
    std::size_t lifetime_bytes = 0; ///< Ends of lifetimes and weights.

    [[nodiscard]] std::size_t bytes() const noexcept
    {
        return entry_bytes + index_bytes + order_bytes + lifetime_bytes;
    }
};

} // namespace strata
