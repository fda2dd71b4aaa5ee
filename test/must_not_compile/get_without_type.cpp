// must say: strata: this stack holds any type that its format knows: say which one, as in get<User>(key)
#include <strata/format/raw.hpp>
#include <strata/layer/serialize.hpp>
#include <strata/strata.hpp>

void get(strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Raw>>& s)
{
#ifdef GOOD
    static_cast<void>(s.get<std::string>("key"));
#else
    static_cast<void>(s.get("key"));
#endif
}
