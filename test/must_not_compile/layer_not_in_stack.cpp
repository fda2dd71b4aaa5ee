// must say: strata: layer<P>(): P is not in this stack so often
#include <strata/strata.hpp>

#ifdef GOOD
constexpr std::size_t number = 0;
#else
constexpr std::size_t number = 1;
#endif

double rate(strata::stack<strata::Memory<>>::with<strata::Stats>::with<strata::Prefix>& s)
{
    return s.layer<strata::Stats, number>().hit_rate();
}
