// must say: strata: this store has a key type of its own, and these keys do not convert to it
#include <strata/strata.hpp>

#include <vector>

#ifdef GOOD
using key = int;
#else
using key = std::string;
#endif

void get(strata::stack<strata::Memory<int, double>>& s)
{
    static_cast<void>(s.get_many(std::vector<key>(3)));
}
