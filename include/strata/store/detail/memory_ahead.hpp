#pragma once

#include <strata/eviction/eviction.hpp>

#include <boost/config.hpp>

#include <cstddef>

namespace strata::detail {

/// Fetches what the next evictions of a table will look at, where its order knows them: of the third its entry, and
/// of the first, whose entry was fetched two evictions ago, the lines of the index and of the order to which its hash
/// leads. Each of them lies anywhere, and an eviction would wait for one after the other. Of fewer entries the most
/// lies in the processor's caches: there it is the entry of the first and no more.
template <class Order, class Nodes, class Index, class HashOf>
BOOST_FORCEINLINE void fetch_ahead(Order const& order, Nodes const& nodes, Index const& index, HashOf const& hash_of)
{
    constexpr std::size_t many = std::size_t{1} << 17;
    if constexpr (requires { order.next(std::size_t{}); }) {
        bool const far = index.size() >= many;
        if (auto const slot = order.next(far ? 2 : 0); slot != no_slot) nodes.prefetch(slot);
        if (!far) return;
        if (auto const first = order.next(0); first != no_slot) {
            auto const hash = hash_of(first);
            index.prefetch(hash);
            if constexpr (requires { order.expect(hash); }) order.expect(hash);
        }
    }
}

} // namespace strata::detail
