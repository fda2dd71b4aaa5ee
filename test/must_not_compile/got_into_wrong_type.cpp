// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#ifdef GOOD
using value = std::string;
#else
using value = double;
#endif

void get(strata::stack<strata::Memory<>>& s, value& out)
{
    static_cast<void>(s.get_to("key", out));
}
