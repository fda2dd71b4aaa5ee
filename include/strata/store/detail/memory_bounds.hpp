#pragma once

#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// What a table may hold.
struct memory_bounds {
    static constexpr std::size_t none = SIZE_MAX;

    std::size_t entries = none;
    std::size_t bytes = none;

    /// As settings have them, where 0 is no bound.
    [[nodiscard]] static memory_bounds of(std::size_t entries, std::size_t bytes) noexcept
    {
        return {entries == 0 ? none : entries, bytes == 0 ? none : bytes};
    }
    [[nodiscard]] bool hold(std::size_t with_entries, std::size_t with_bytes) const noexcept
    {
        return with_entries <= entries && with_bytes <= bytes;
    }
};

} // namespace strata::detail
