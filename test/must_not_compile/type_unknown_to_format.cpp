// must say: strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the like
#include <strata/strata.hpp>

#include <boost/hana/adapt_struct.hpp>

struct user {
    int id = 0;
};

#ifdef GOOD
BOOST_HANA_ADAPT_STRUCT(user, id);
#endif

void put(strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Binary>>& s)
{
    static_cast<void>(s.put("key", user{}));
}
