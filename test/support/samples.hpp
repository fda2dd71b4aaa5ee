#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

/// Values to compress.
namespace samples {

/// Bytes without any order.
inline std::string noise(std::size_t size, unsigned seed = 1)
{
    std::mt19937 random{seed};
    std::string made(size, '\0');
    for (char& c : made) c = static_cast<char>(random());
    return made;
}

/// Something like the values of a web service, different for each number.
inline std::string record(unsigned number)
{
    static char const* const cities[] = {"Fontainebleau", "Paris", "Lyon", "Nantes", "Grenoble"};
    static char const* const states[] = {"active", "suspended", "invited"};
    std::mt19937 random{number};
    auto const pick = [&random](auto const& from) { return std::string{from[random() % std::size(from)]}; };
    return R"({"id":)" + std::to_string(random()) + R"(,"name":"user-)" + std::to_string(number) + R"(","city":")" +
           pick(cities) + R"(","state":")" + pick(states) + R"(","visits":)" + std::to_string(random() % 1000) + "}";
}

inline std::vector<std::string> records(unsigned number, unsigned first = 0)
{
    std::vector<std::string> made;
    for (unsigned i = 0; i < number; ++i) made.push_back(record(first + i));
    return made;
}

/// Text of exactly this length that shrinks.
inline std::string text(std::size_t size, unsigned seed = 0)
{
    std::string made;
    for (unsigned i = seed; made.size() < size; ++i) made += record(i);
    made.resize(size);
    return made;
}

} // namespace samples
