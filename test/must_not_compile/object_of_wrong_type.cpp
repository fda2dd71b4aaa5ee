// must say: strata: this stack holds objects of one type
#include <strata/strata.hpp>

#include <vector>

#ifdef GOOD
using value = std::vector<int>;
#else
using value = std::vector<long>;
#endif

void put(strata::stack<strata::Memory<int, std::vector<int>>>& s)
{
    static_cast<void>(s.put(1, value{}));
}
