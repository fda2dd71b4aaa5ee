#pragma once

// Every header for users, in every unit.
#include <strata/compress.hpp>
#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include <string>

using Cache =
    strata::stack<strata::Memory<>>::with<strata::Encrypt<strata::ChaCha20>>::with<strata::Compress<strata::Zstd>>::with<
        strata::Serialize<strata::Json>>::with<strata::Prefix>::with<strata::Stats>::with<strata::Lock<>>;

/// In the other unit.
void remember(Cache& cache, int n);

inline std::string name_of_cache() { return std::string{Cache::describe()}; }
