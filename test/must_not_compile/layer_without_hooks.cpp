// must say: strata: this is not a layer: it has no hook
// must say: Idle
#include <strata/strata.hpp>

struct Idle {
    template <class Next> struct on {
#ifdef GOOD
        void observe(auto, auto) {}
#endif
    };
};

strata::stack<strata::Null>::with<Idle> s;
