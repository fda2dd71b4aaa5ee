// must say: strata: this policy has a setting without a default, so it must be given to the constructor
// must say: Encrypt<strata::ChaCha20>
#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <string>

using encrypted = strata::Encrypt<strata::ChaCha20>;

#ifdef GOOD
strata::stack<strata::Memory<>>::with<encrypted> s{encrypted{.secret = std::string(32, 's')}};
#else
strata::stack<strata::Memory<>>::with<encrypted> s{strata::Memory<>{}};
#endif
