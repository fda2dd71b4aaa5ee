// must say: strata: Memory: this is not an eviction; see eviction/eviction.hpp
// must say: removed
#include <strata/strata.hpp>

#ifdef GOOD
using order = strata::Fifo::order;
#else
struct order : strata::Fifo::order {
private:
    using strata::Fifo::order::removed;
};
#endif

struct Own {
    using order = ::order;
};

strata::Memory<int, int, Own> settings;
