#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace test {

/// Keys that memcached's text protocol can carry, enough for it to be spoken: `start` with "0", "1" and so on.
inline std::vector<std::string> plain_keys(std::size_t count = 10, std::string const& start = "k")
{
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back(start + std::to_string(i));
    return keys;
}

} // namespace test
