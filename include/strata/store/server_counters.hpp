#pragma once

#include <strata/core/request.hpp>

#include <cstdint>

namespace strata {

/// What a server has counted, for all its clients, since it was started or its statistics were reset; summed over the
/// servers of a store. Each is exact; they are not of the very same moment. What a server does not
/// tell, or not as a number of 64 bits, is 0.
struct server_counters {
    std::uint64_t hits = 0;    ///< Keys that were asked for and found.
    std::uint64_t misses = 0;  ///< Keys that were asked for and not found.
    std::uint64_t entries = 0; ///< Entries now; some of them may have expired without being removed yet.
    std::uint64_t bytes = 0;   ///< Memory in use now, as the server counts it.

    /// Hits among the keys asked for, from 0 to 1; 0 before the first.
    [[nodiscard]] double hit_rate() const noexcept
    {
        auto const asked = static_cast<double>(hits) + static_cast<double>(misses);
        return asked == 0 ? 0.0 : static_cast<double>(hits) / asked;
    }
};

namespace op {

/// What the server beneath has counted: a hit with `server_counters`, or a failure, for the one key of the request,
/// which means nothing. It carries nothing that a layer could change, so it passes them all; a store that has no server
/// does not know it.
struct server_stats : carries<> {};

} // namespace op

} // namespace strata
