#pragma once

#include <strata/store/key_hash.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace bench {

/// The hash that `Memory` has, with a seed that stays.
struct good_hash {
    using is_transparent = void;
    using is_avalanching = void;
    strata::hash_seed seed{1, 0x9E3779B97F4A7C15u};

    std::size_t operator()(std::uint64_t key) const noexcept { return strata::detail::hash_word(key, seed); }
    std::size_t operator()(std::string_view key) const noexcept { return strata::detail::hash_bytes(key, seed); }
};

/// The floor beside which caches in memory are measured: it has no bound and evicts nothing.
template <class Key, class Value> using flat_map = boost::unordered_flat_map<Key, Value, good_hash, std::equal_to<>>;

} // namespace bench
