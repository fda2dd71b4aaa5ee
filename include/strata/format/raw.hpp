#pragma once

#include <strata/core/key.hpp>
#include <strata/core/lookup.hpp>
#include <strata/core/value.hpp>

#include <boost/endian/conversion.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace strata {

/// Values as they are, with nothing around them: byte strings by their bytes, numbers and enums by theirs, the least
/// significant first. Bytes of another size than the type's are `errc::corrupt`, and so is a `bool` that is neither 0
/// nor 1; nothing else tells one type from another.
struct Raw {
    static constexpr fixed_string name{"Raw"};

    /// `long double` is left out: some of its bytes have no meaning.
    template <class T>
    static constexpr bool handles =
        byte_string<T> || std::is_enum_v<T> || (std::is_arithmetic_v<T> && !std::same_as<T, long double>);

    template <class T> static status encode(T const& object, std::string& out)
    {
        if constexpr (byte_view<T>) {
            out += view_bytes(object);
        } else {
            auto const little = boost::endian::native_to_little(std::bit_cast<bits<T>>(object));
            out.append(reinterpret_cast<char const*>(&little), sizeof little);
        }
        return {};
    }
    static status encode(std::string_view text, std::string& out)
    {
        out += text;
        return {};
    }

    template <class T> static lookup<T> decode(std::string_view in)
    {
        lookup<T> result;
        if constexpr (byte_string<T>) {
            assign_bytes(result.emplace(), in);
        } else {
            bits<T> little;
            if (in.size() != sizeof little) return errc::corrupt;
            std::memcpy(&little, in.data(), sizeof little);
            auto const native = boost::endian::little_to_native(little);
            if (std::same_as<T, bool> && native > 1) return errc::corrupt;
            result.emplace(std::bit_cast<T>(native));
        }
        return result;
    }

private:
    template <std::size_t Size>
    using unsigned_of = std::conditional_t<
        Size == 1, std::uint8_t,
        std::conditional_t<Size == 2, std::uint16_t, std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>>;
    template <class T> using bits = unsigned_of<sizeof(T)>;
};

} // namespace strata
