// must say: strata: this layer works on bytes, and what is beneath it takes objects; put Serialize further out
// must say: Reverse
#include <strata/format/raw.hpp>
#include <strata/layer/serialize.hpp>
#include <strata/strata.hpp>

#include <string>
#include <string_view>

struct Reverse {
    template <class Next> struct on {
        strata::status encode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return {};
        }
        strata::lookup<void> decode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return strata::hit;
        }
    };
};

#ifdef GOOD
strata::stack<strata::Memory<>>::with<Reverse>::with<strata::Serialize<strata::Raw>> s;
#else
strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Raw>>::with<Reverse> s;
#endif
