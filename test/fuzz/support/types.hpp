#pragma once

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

/// A struct with a member of every kind that formats know.
namespace fuzz {

enum class color : short { red = -1, green, blue };

struct point {
    int x = 0;
    double y = 0;

    friend bool operator==(point const&, point const&) = default;
};

struct record {
    std::string name;
    std::vector<std::string> tags;
    std::optional<int> age;
    std::map<std::string, std::int64_t> counts;
    std::variant<int, std::string, std::vector<double>, std::monostate> any;
    std::tuple<bool, std::array<std::uint8_t, 3>> flags;
    std::chrono::seconds since{};
    color paint{};
    std::vector<point> path;
    std::map<int, std::string> by_number;
    std::optional<std::optional<bool>> maybe;
    std::uint64_t big = 0;
    float small = 0;

    friend bool operator==(record const&, record const&) = default;
};

} // namespace fuzz

BOOST_HANA_ADAPT_STRUCT(fuzz::point, x, y);
BOOST_HANA_ADAPT_STRUCT(fuzz::record, name, tags, age, counts, any, flags, since, paint, path, by_number, maybe, big,
                        small);
