#pragma once

#include "fuzz.hpp"

#include <boost/hana/accessors.hpp>
#include <boost/hana/at.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// Values of many types, drawn from the fuzzer's bytes: small, nested, and often like each other.
namespace fuzz {

inline void draw(input& in, std::monostate&) { static_cast<void>(in); }
inline void draw(input& in, bool& out) { out = in.byte() % 2 != 0; }
inline void draw(input& in, double& out) { out = std::bit_cast<double>(in.number(8)); }
inline void draw(input& in, float& out) { out = std::bit_cast<float>(static_cast<std::uint32_t>(in.number(4))); }
inline void draw(input& in, std::string& out) { out = in.take(in.byte() % 9); }

template <std::integral T> void draw(input& in, T& out)
{
    out = static_cast<T>(in.number(in.byte() % (static_cast<unsigned>(sizeof(T)) + 1)));
}
template <class T>
    requires std::is_enum_v<T>
void draw(input& in, T& out)
{
    std::underlying_type_t<T> number{};
    draw(in, number);
    out = static_cast<T>(number);
}
template <class Rep, class Period> void draw(input& in, std::chrono::duration<Rep, Period>& out)
{
    Rep number{};
    draw(in, number);
    out = std::chrono::duration<Rep, Period>{number};
}

template <class T> void draw(input& in, std::optional<T>& out);
template <class T> void draw(input& in, std::vector<T>& out);
template <class T, std::size_t N> void draw(input& in, std::array<T, N>& out);
template <class K, class T> void draw(input& in, std::map<K, T>& out);
template <class A, class B> void draw(input& in, std::pair<A, B>& out);
template <class... T> void draw(input& in, std::tuple<T...>& out);
template <class... T> void draw(input& in, std::variant<T...>& out);

template <class S>
    requires boost::hana::Struct<S>::value
void draw(input& in, S& out)
{
    boost::hana::for_each(boost::hana::accessors<S>(),
                          [&](auto const& member) { draw(in, boost::hana::second(member)(out)); });
}

template <class T> void draw(input& in, std::optional<T>& out)
{
    out.reset();
    if (in.byte() % 2 != 0) draw(in, out.emplace());
}
template <class T> void draw(input& in, std::vector<T>& out)
{
    out.clear();
    for (unsigned count = in.byte() % 4; count > 0; --count) draw(in, out.emplace_back());
}
template <class T, std::size_t N> void draw(input& in, std::array<T, N>& out)
{
    for (T& element : out) draw(in, element);
}
template <class K, class T> void draw(input& in, std::map<K, T>& out)
{
    out.clear();
    for (unsigned count = in.byte() % 4; count > 0; --count) {
        K key{};
        draw(in, key);
        draw(in, out[key]);
    }
}
template <class A, class B> void draw(input& in, std::pair<A, B>& out)
{
    draw(in, out.first);
    draw(in, out.second);
}
template <class... T> void draw(input& in, std::tuple<T...>& out)
{
    std::apply([&](T&... element) { (draw(in, element), ...); }, out);
}
template <class... T> void draw(input& in, std::variant<T...>& out)
{
    std::size_t const which = in.byte() % sizeof...(T);
    std::size_t i = 0;
    ((which == i++ ? draw(in, out.template emplace<T>()) : void()), ...);
}

} // namespace fuzz
