#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

/// Types and values to serialize.
namespace shapes {

enum class color : std::uint8_t { red = 1, green = 2 };
BOOST_DESCRIBE_ENUM(color, red, green)

enum class level : short { low = -300, high = 300 };

struct point {
    int x = 0;
    int y = 0;
    bool operator==(point const&) const = default;
};
struct described_point {
    int x = 0;
    int y = 0;
    bool operator==(described_point const&) const = default;
};
BOOST_DESCRIBE_STRUCT(described_point, (), (x, y))

struct nothing {
    bool operator==(nothing const&) const = default;
};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

/// Contains itself.
struct tree {
    std::string name;
    std::vector<tree> branches;
    bool operator==(tree const&) const = default;
};

/// A tree that is `depth` branches deep.
inline tree deep_tree(std::size_t depth)
{
    tree made;
    for (std::size_t i = 0; i < depth; ++i) {
        tree around;
        around.branches.push_back(std::move(made));
        made = std::move(around);
    }
    return made;
}

struct everything {
    bool flag = false;
    std::int8_t small = 0;
    std::uint16_t port = 0;
    std::int32_t number = 0;
    std::uint64_t large = 0;
    std::int64_t wide = 0;
    float single = 0;
    double real = 0;
    color shade{};
    level height{};
    std::string text;
    std::vector<std::int64_t> numbers;
    std::vector<std::string> words;
    std::vector<bool> flags;
    std::vector<double> reals;
    std::deque<point> points;
    std::array<float, 3> triple{};
    int pair_of[2] = {};
    std::optional<std::string> maybe;
    std::optional<std::optional<int>> perhaps;
    std::variant<int, std::string, point> either;
    std::tuple<int, bool, std::string> three;
    std::pair<char, unsigned> two;
    std::map<std::string, point> by_name;
    std::unordered_map<std::string, int> unordered;
    std::map<int, std::string> by_number;
    std::set<short> chosen;
    std::multiset<int> often;
    std::chrono::milliseconds delay{};
    std::chrono::system_clock::time_point when;
    tree nested;
    described_point described;
    std::monostate empty;

    bool operator==(everything const&) const = default;
};

/// A value with something in each member, different for each seed.
class maker {
public:
    explicit maker(unsigned seed) : random_{seed} {}

    everything make()
    {
        everything e;
        e.flag = few() % 2 != 0;
        e.small = number<std::int8_t>();
        e.port = number<std::uint16_t>();
        e.number = number<std::int32_t>();
        e.large = number<std::uint64_t>();
        e.wide = number<std::int64_t>();
        e.single = static_cast<float>(real());
        e.real = real();
        e.shade = few() % 2 != 0 ? color::red : color::green;
        e.height = few() % 2 != 0 ? level::low : level::high;
        e.text = text();
        for (auto n = few(); n-- > 0;) e.numbers.push_back(number<std::int64_t>());
        for (auto n = few(); n-- > 0;) e.words.push_back(text());
        for (auto n = few(); n-- > 0;) e.flags.push_back(few() % 2 != 0);
        for (auto n = few(); n-- > 0;) e.reals.push_back(real());
        for (auto n = few(); n-- > 0;) e.points.push_back({number<int>(), number<int>()});
        e.triple = {1, static_cast<float>(real()), -0.0F};
        e.pair_of[0] = number<int>();
        if (few() % 2 != 0) e.maybe = text();
        if (few() % 2 != 0) e.perhaps.emplace();
        if (e.perhaps && few() % 2 != 0) *e.perhaps = number<int>();
        switch (few() % 3) {
        case 0: e.either = number<int>(); break;
        case 1: e.either = text(); break;
        default: e.either = point{number<int>(), 2};
        }
        e.three = {number<int>(), true, text()};
        e.two = {'"', number<unsigned>()};
        for (auto n = few(); n-- > 0;) e.by_name[text()] = {number<int>(), 0};
        for (auto n = few(); n-- > 0;) e.unordered[text()] = number<int>();
        for (auto n = few(); n-- > 0;) e.by_number[number<int>()] = text();
        for (auto n = few(); n-- > 0;) e.chosen.insert(number<short>());
        for (auto n = few(); n-- > 0;) e.often.insert(static_cast<int>(few()));
        e.delay = std::chrono::milliseconds{number<int>()};
        e.when += std::chrono::microseconds{number<int>()};
        e.nested = deep_tree(few());
        e.nested.name = text();
        e.described = {number<int>(), number<int>()};
        return e;
    }

    /// Numbers of every length, the ends of the range among them.
    template <class T> T number()
    {
        constexpr auto bits = sizeof(T) * 8;
        auto const drawn = (std::uint64_t{random_()} << 32 | random_()) >> (random_() % 64);
        switch (random_() % 8) {
        case 0: return std::numeric_limits<T>::min();
        case 1: return std::numeric_limits<T>::max();
        default: return static_cast<T>(drawn >> (64 - bits));
        }
    }

    double real()
    {
        double const sign = few() % 2 != 0 ? -1 : 1;
        return sign * std::ldexp(static_cast<double>(random_()) + 0.1, static_cast<int>(random_() % 100) - 66);
    }

    std::string text()
    {
        static char const* const some[] = {"", "a", "hello", "\"quoted\\\"\n\t\x01", "gr\xc3\xbc\xc3\x9f",
                                           "\xf0\x9f\x8e\xb2",
                                           "a text that is longer than what a string holds in itself"};
        return some[random_() % std::size(some)];
    }

    std::size_t few() { return random_() % 6; }

private:
    std::mt19937 random_;
};

/// A user of a service, and what became of it.
namespace v1 {
struct user {
    int id = 0;
    std::string name;
    bool operator==(user const&) const = default;
};
} // namespace v1
namespace renamed {
struct user {
    int id = 0;
    std::string full_name;
};
} // namespace renamed
namespace retyped {
struct user {
    int id = 0;
    std::vector<std::string> name;
};
} // namespace retyped
namespace v2 {
struct user {
    long id = 0;
    std::string name;
    std::vector<std::string> mails;
    bool operator==(user const&) const = default;
};
} // namespace v2
namespace v3 {
struct user {
    long id = 0;
    std::string name;
    std::string mail;
    bool operator==(user const&) const = default;
};
} // namespace v3

} // namespace shapes

BOOST_HANA_ADAPT_STRUCT(shapes::point, x, y);
BOOST_HANA_ADAPT_STRUCT(shapes::tree, name, branches);
BOOST_HANA_ADAPT_STRUCT(shapes::everything, flag, small, port, number, large, wide, single, real, shade, height, text,
                        numbers, words, flags, reals, points, triple, pair_of, maybe, perhaps, either, three, two,
                        by_name, unordered, by_number, chosen, often, delay, when, nested, described, empty);
BOOST_HANA_ADAPT_STRUCT(shapes::v1::user, id, name);
BOOST_HANA_ADAPT_STRUCT(shapes::renamed::user, id, full_name);
BOOST_HANA_ADAPT_STRUCT(shapes::retyped::user, id, name);
BOOST_HANA_ADAPT_STRUCT(shapes::v2::user, id, name, mails);
BOOST_HANA_ADAPT_STRUCT(shapes::v3::user, id, name, mail);
