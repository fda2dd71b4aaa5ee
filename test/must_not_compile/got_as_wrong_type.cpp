// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#include <vector>

#ifdef GOOD
using value = std::vector<char>;
#else
using value = std::vector<int>;
#endif

void get(strata::stack<strata::Memory<>>& s)
{
    static_cast<void>(s.get<value>("key"));
}
