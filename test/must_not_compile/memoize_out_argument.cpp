// must say: strata: memoize: the function could change an argument that it takes by a reference which is not const
#include <strata/strata.hpp>

strata::stack<strata::Memory<>> cache;

#ifdef GOOD
std::string work(int const&);
#else
std::string work(int&);
#endif

auto const cached = strata::memoize(cache, "work.", work);
