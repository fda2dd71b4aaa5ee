#pragma once

#include <algorithm>
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
    /// What each of `parts` may hold, about.
    [[nodiscard]] memory_bounds divided(std::size_t parts) const noexcept
    {
        auto const share = [&](std::size_t bound) { return bound == none ? none : bound / parts + 1; };
        return parts == 1 ? *this : memory_bounds{share(entries), share(bytes)};
    }
    /// For how many entries memory should be allocated at a time, few rather than many; 0: unknown.
    [[nodiscard]] std::size_t worth_expecting() const noexcept
    {
        auto const by_bytes = bytes == none ? none : std::min<std::size_t>(bytes / 1024 + 1, 1 << 15);
        auto const least = std::min(entries, by_bytes);
        return least == none ? 0 : least;
    }
    [[nodiscard]] bool hold(std::size_t with_entries, std::size_t with_bytes) const noexcept
    {
        return with_entries <= entries && with_bytes <= bytes;
    }
};

} // namespace strata::detail
