// must say: strata: Compress stands nearer the store than Encrypt, where it would compress ciphertext
#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <string>

/// A layer that says of itself that it compresses.
struct Squeeze {
    template <class Next> struct on {
        static constexpr bool compresses = true;

        strata::status encode(std::string_view in, std::string& out)
        {
            out = in;
            return {};
        }
        strata::lookup<void> decode(std::string_view in, std::string& out)
        {
            out = in;
            return strata::hit;
        }
    };
};

using encrypted = strata::Encrypt<strata::ChaCha20>;
encrypted const settings{.secret = std::string(32, 's')};

#ifdef GOOD
strata::stack<strata::Memory<>>::with<encrypted>::with<strata::Prefix>::with<Squeeze> s{settings};
#else
strata::stack<strata::Memory<>>::with<Squeeze>::with<strata::Prefix>::with<encrypted> s{settings};
#endif
