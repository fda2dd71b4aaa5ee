// must say: strata: a key is text, a number, an enum, or a tuple of those
#include <strata/strata.hpp>

struct point {
    int x, y;
};

#ifdef GOOD
using key = std::pair<int, int>;
#else
using key = point;
#endif

void get(strata::stack<strata::Null>& s)
{
    static_cast<void>(s.get(key{1, 2}));
}
