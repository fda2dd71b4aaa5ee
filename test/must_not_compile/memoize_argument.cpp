// must say: strata: memoize: an argument is of a type that cannot be part of a key; give memoize a key policy
#include <strata/strata.hpp>

#include <vector>

strata::stack<strata::Memory<>> cache;

struct user {
    int id;
};

#ifdef GOOD
std::string work(std::vector<int> const&);
#else
std::string work(std::vector<user> const&);
#endif

auto const cached = strata::memoize(cache, "work.", work);
