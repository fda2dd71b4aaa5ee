// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#ifdef GOOD
using value = std::string;
#else
using value = int;
#endif

void put(strata::stack<strata::Memory<>>::with<strata::Prefix>& s)
{
    static_cast<void>(s.put("key", value{}));
}
