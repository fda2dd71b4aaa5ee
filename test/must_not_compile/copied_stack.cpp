// must say: deleted
// must say: a stack is moved, or shared by reference
#include <strata/strata.hpp>

#include <utility>

strata::stack<strata::Memory<>> copy(strata::stack<strata::Memory<>>& s)
{
#ifdef GOOD
    return std::move(s);
#else
    return s;
#endif
}
