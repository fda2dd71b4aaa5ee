#pragma once

#include <strata/format/detail/kind.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

/// A number that tells types apart by their structure: what they are made of, in which order, and the names of members.
/// It is FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv), folded to 32 bits. The name of a type is not part of it.
namespace strata::detail {

class type_hash {
public:
    constexpr void add(std::uint64_t number)
    {
        for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(number >> shift));
    }
    constexpr void add(std::string_view text)
    {
        add(text.size());
        for (char const c : text) add_byte(static_cast<std::uint8_t>(c));
    }

    [[nodiscard]] constexpr std::uint32_t folded() const { return static_cast<std::uint32_t>(state_ ^ (state_ >> 32)); }

private:
    constexpr void add_byte(std::uint8_t byte)
    {
        state_ ^= byte;
        state_ *= 0x100000001b3;
    }

    std::uint64_t state_ = 0xcbf29ce484222325;
};

/// How many types stand around `T` where it contains itself.
template <class T, class... Outer> consteval std::size_t distance_to()
{
    std::size_t at = 0;
    std::size_t result = 0;
    ((++at, std::same_as<T, Outer> && result == 0 ? void(result = at) : void()), ...);
    return result;
}

/// What is put into the hash is a contract with the bytes in every store: a kind has its number for good.
template <class T, class... Outer> constexpr void add_type(type_hash& hash)
{
    if constexpr (constexpr std::size_t distance = distance_to<T, Outer...>(); distance != 0) {
        hash.add(1000 + distance);
        return;
    } else {
        constexpr kind k = kind_of<T>();
        hash.add(static_cast<std::uint64_t>(k));
        if constexpr (k == kind::integer) {
            hash.add(sizeof(T) * 2 + std::is_signed_v<T>);
        } else if constexpr (k == kind::floating) {
            hash.add(sizeof(T));
        } else if constexpr (k == kind::array) {
            hash.add(array_size<T>());
        } else if constexpr (k == kind::duration) {
            hash.add(T::period::num);
            hash.add(T::period::den);
        } else if constexpr (k == kind::structure) {
            for (std::string_view const name : member_names<T>) hash.add(name);
        }
        []<class... Part>(types<Part...>, type_hash& h) {
            h.add(sizeof...(Part));
            (add_type<Part, T, Outer...>(h), ...);
        }(parts_t<T>{}, hash);
    }
}

/// Changes with the bytes that are written for a type, so that those of an older form are a miss.
inline constexpr std::uint64_t bytes_version = 2;

template <class T> inline constexpr std::uint32_t fingerprint = []() consteval {
    type_hash hash;
    hash.add(bytes_version);
    add_type<T>(hash);
    return hash.folded();
}();

} // namespace strata::detail
