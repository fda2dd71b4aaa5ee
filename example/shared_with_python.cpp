/// A cache that services in C++ and in Python share.

#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/layer/ctu_keys.hpp>
#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include <string>

using namespace strata;
using namespace std::chrono_literals;

namespace {

// snippet
using Shared = stack<Redis>::with<CtuEncrypt<ChaCha20>>::with<CtuJsonKeys>::with<Serialize<Json>>;

Shared open_cache(std::string const& secret)
{
    return Shared{Redis{.host = "cache.example", .ttl = 1h}, CtuEncrypt<ChaCha20>{.secret = secret, .csize = 4}};
}
// end of snippet

} // namespace

int main()
{
    Shared cache = open_cache("the same 32 bytes as over there."); // needs no server before the first operation
    static_assert(decltype(cache)::describe() == "Redis | CtuEncrypt<ChaCha20> | CtuJsonKeys | Serialize<Json>");
}
