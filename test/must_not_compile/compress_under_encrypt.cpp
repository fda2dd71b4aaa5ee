// must say: strata: Compress stands nearer the store than Encrypt, where it would compress ciphertext
// must say: put with<Compress<...>> after with<Encrypt<...>>
#include <strata/compress.hpp>
#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

using namespace strata;

#ifdef GOOD
using cache = stack<Memory<>>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Compress<Zstd>>;
#else
using cache = stack<Memory<>>::with<Compress<Zstd>>::with<Prefix>::with<Encrypt<ChaCha20>>;
#endif

cache c{Encrypt<ChaCha20>{.secret = std::string(16, 's')}};
