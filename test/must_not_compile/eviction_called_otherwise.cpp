// must say: strata: Memory: this is not an eviction; see eviction/eviction.hpp
// must say: evict
#include <strata/strata.hpp>

#include <cstdint>

struct Own {
    struct order : strata::Fifo::order {
#ifndef GOOD
        strata::slot_number evict(std::uint64_t (*)(strata::slot_number)) noexcept { return 0; }
#endif
    };
};

strata::Memory<int, int, Own> settings;
