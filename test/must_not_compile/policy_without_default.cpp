// must say: strata: this policy has a setting without a default, so it must be given to the constructor
// must say: Quota
#include <strata/strata.hpp>

/// A setting that has to be set.
struct limit {
    limit(int number) : number{number} {}
    int number;
};

struct Quota {
    limit most;

    template <class Next> struct on {
        explicit on(Quota) {}
        void observe(auto, auto) {}
    };
};

#ifdef GOOD
strata::stack<strata::Memory<>>::with<Quota> s{Quota{.most = 3}};
#else
strata::stack<strata::Memory<>>::with<Quota> s{strata::Memory<>{}};
#endif
