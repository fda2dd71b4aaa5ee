/// A secret is changed and the cache stays warm.

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <cstdlib>
#include <string>

using namespace strata;

using Sealed = stack<Memory<>>::with<Encrypt<ChaCha20>>;

int main()
{
    std::string const old_secret = "kept in a vault, 32 random bytes";
    std::string const new_secret = "made yesterday, 32 random bytes!";

    // snippet
    // 1. everywhere: the new secret can be read, the old one is still written
    Encrypt<ChaCha20> const step_one{.secret = old_secret, .retired = {new_secret}};
    // 2. everywhere: the new secret is written, the old one can still be read
    Encrypt<ChaCha20> const step_two{.secret = new_secret, .retired = {old_secret}};
    // 3. everywhere, when the longest lifetime of an entry has passed: the old secret is gone
    Encrypt<ChaCha20> const step_three{.secret = new_secret};
    // end of snippet

    for (auto const& settings : {step_one, step_two, step_three}) {
        Sealed cache{settings};
        if (!cache.put("key", "value") || cache.get("key").value_or("") != "value") return EXIT_FAILURE;
    }
}
