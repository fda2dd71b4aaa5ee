/// A layer from nothing: keys in upper case.

#include <strata/strata.hpp>

#include <boost/algorithm/string/case_conv.hpp>

using namespace strata;

// snippet
struct UpperCase {
    template <class Next> class on {
    public:
        std::string key(auto const& key) const
        {
            std::string upper(key.size(), '\0');
            key.copy_to(upper.data());
            boost::algorithm::to_upper(upper);
            return upper;
        }
    };
};
// end of snippet

int main()
{
    stack<Memory<>>::with<UpperCase>::with<Prefix> cache{Prefix{"p."}};
    static_assert(cache.describe() == "Memory | UpperCase | Prefix");

    cache.put("Key", "value");
    bool const found = cache.get("kEY").value_or("") == "value" && cache.get_many({"KEY", "other"})[0].hit();
    return found ? 0 : 1;
}
