// must say: strata: this store has a key type of its own, and this key does not convert to it
#include <strata/strata.hpp>

#ifdef GOOD
constexpr auto key = 3;
#else
constexpr auto key = "three";
#endif

void get(strata::stack<strata::Memory<int, double>>::with<strata::Stats>& s)
{
    static_cast<void>(s.get(key));
}
