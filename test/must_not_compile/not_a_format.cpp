// must say: strata: Serialize<F>: F is not a format; a format has `handles<T>`, `encode` and `decode<T>`
#include <strata/strata.hpp>

#ifdef GOOD
using format = strata::Raw;
#else
using format = strata::Prefix;
#endif

strata::stack<strata::Memory<>>::with<strata::Serialize<format>> s;
