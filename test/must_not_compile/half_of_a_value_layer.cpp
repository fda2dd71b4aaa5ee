// must say: strata: this layer changes keys, values or lifetimes, and has no hook for all that this operation carries
// must say: Half
#include <strata/strata.hpp>

#include <string>
#include <string_view>

struct Half {
    template <class Next> struct on {
        strata::status encode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return {};
        }
#ifdef GOOD
        strata::lookup<void> decode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return strata::hit;
        }
#endif
    };
};

void get(strata::stack<strata::Memory<>>::with<Half>& s)
{
    static_cast<void>(s.get("key"));
}
