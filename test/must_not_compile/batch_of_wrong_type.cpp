// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#include <utility>
#include <vector>

#ifdef GOOD
using value = std::string;
#else
using value = int;
#endif

void put(strata::stack<strata::Memory<>>& s, std::vector<std::pair<std::string, value>> const& entries)
{
    static_cast<void>(s.put_many(entries));
}
