/// A format of one's own, for `Serialize`.

#include <strata/strata.hpp>

#include <charconv>
#include <string>
#include <string_view>

using namespace strata;

namespace {

struct Point {
    int x = 0;
    int y = 0;
};

// snippet
/// Points as "x y".
struct Spaced {
    static constexpr fixed_string name{"Spaced"};

    template <class T> static constexpr bool handles = std::same_as<T, Point>;

    template <class T> static status encode(T const& point, std::string& out)
    {
        out = std::to_string(point.x) + ' ' + std::to_string(point.y);
        return {};
    }

    template <class T> static lookup<T> decode(std::string_view in)
    {
        Point point;
        auto const* const end = in.data() + in.size();
        auto const x = std::from_chars(in.data(), end, point.x);
        if (x.ec != std::errc{} || x.ptr == end || *x.ptr != ' ') return errc::corrupt;
        auto const y = std::from_chars(x.ptr + 1, end, point.y);
        if (y.ec != std::errc{} || y.ptr != end) return errc::corrupt;
        return point;
    }
};

stack<Memory<>>::with<Serialize<Spaced>> places;
// end of snippet

} // namespace

int main()
{
    static_assert(decltype(places)::describe() == "Memory | Serialize<Spaced>");
    if (!places.put("home", Point{3, -4})) return 1;
    auto const found = places.get<Point>("home");
    return found && found->x == 3 && found->y == -4 ? 0 : 1;
}
