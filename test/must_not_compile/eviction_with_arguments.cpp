// must say: strata: Memory: this is not an eviction; see eviction/eviction.hpp
#include <strata/strata.hpp>

struct Own {
    struct order : strata::Fifo::order {
#ifndef GOOD
        explicit order(int) {}
#endif
    };
};

strata::Memory<int, int, Own> settings;
