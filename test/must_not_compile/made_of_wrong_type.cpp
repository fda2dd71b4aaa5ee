// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#ifdef GOOD
using value = std::string;
#else
using value = double;
#endif

value make(strata::stack<strata::Memory<>>& s)
{
    return s.get_or("key", [] { return value{}; });
}
