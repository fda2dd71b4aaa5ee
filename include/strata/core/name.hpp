#pragma once

#include <strata/core/key.hpp>

#include <cstddef>
#include <string_view>

/// The names of policies, as `describe()` shows them.
namespace strata {

namespace detail {

/// The compiler's spelling of `T` within the signature of this function.
template <class T> consteval std::string_view signature() { return __PRETTY_FUNCTION__; }

/// `T` as the compiler spells it.
template <class T> consteval std::string_view spelling()
{
    constexpr std::string_view probe = signature<int>();
    constexpr std::size_t before = probe.find("int");
    constexpr std::size_t around = probe.size() - 3;
    constexpr std::string_view whole = signature<T>();
    return whole.substr(before, whole.size() - around);
}

/// Writes `text` without its namespaces, that is without each word that `::` follows, to `out` unless that is null;
/// returns the length.
consteval std::size_t without_namespaces(std::string_view text, char* out)
{
    constexpr std::string_view word = "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::size_t length = 0;
    while (!text.empty()) {
        bool nameless = false;
        for (std::string_view const space : {"{anonymous}::", "(anonymous namespace)::"}) {
            if (text.substr(0, space.size()) == space) {
                text.remove_prefix(space.size());
                nameless = true;
            }
        }
        if (nameless) continue;
        std::size_t end = text.find_first_not_of(word);
        if (end == text.npos) end = text.size();
        if (text.substr(end, 2) == "::") {
            text.remove_prefix(end + 2);
            continue;
        }
        if (end == 0) end = 1;
        for (std::size_t i = 0; i < end; ++i, ++length) {
            if (out) out[length] = text[i];
        }
        text.remove_prefix(end);
    }
    return length;
}

} // namespace detail

/// The name of a policy: its own `name`, or how the compiler spells its type.
template <class P> [[nodiscard]] consteval auto name_of()
{
    if constexpr (requires { P::name.view(); }) {
        return P::name;
    } else {
        constexpr std::string_view spelling = detail::spelling<P>();
        fixed_string<detail::without_namespaces(spelling, nullptr)> name;
        detail::without_namespaces(spelling, name.text);
        return name;
    }
}

} // namespace strata
