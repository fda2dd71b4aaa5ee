// Two units that include everything and share a stack: nothing in a header is defined twice.
#include "cache.hpp"

#include <cstdio>

int main()
{
    Cache cache{strata::Encrypt<strata::ChaCha20>{.secret = std::string(16, 's')}, strata::Prefix{"p."}};
    strata::stack<strata::Redis> redis;
    strata::stack<strata::Memcached> memcached;
    remember(cache, 3);
    auto const found = cache.get<int>(3);
    bool const good = found && *found == 9 && strata::make_error_code(strata::errc::corrupt) == strata::errc::corrupt;
    std::printf("%s: %s\n", name_of_cache().c_str(), good ? "good" : "bad");
    return good ? 0 : 1;
}
