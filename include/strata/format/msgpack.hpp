#pragma once

#include <strata/core/key.hpp>
#include <strata/core/lookup.hpp>
#include <strata/format/detail/msgpack_reader.hpp>
#include <strata/format/detail/msgpack_writer.hpp>

#include <string>
#include <string_view>

namespace strata {

/// MessagePack (github.com/msgpack/msgpack, spec.md), for sharing compact values with programs in other languages.
/// (msgpack-cxx is not used: its package in Debian 12 needs Boost 1.74, whose headers conflict with 1.81.)
///
/// It knows the types that `Binary` knows. Numbers, enums and durations are numbers, structs are maps from the names of
/// their members, other maps are maps; sequences, sets, arrays and tuples are arrays; a variant is `[index, value]`.
/// Text in UTF-8 is a str, other text and containers of bytes are a bin; both are read as either. An empty optional is
/// nil, and where its value could itself be nil it is `[]` or `[value]`.
///
/// A struct that lacks a member, or has one of another type, is a miss; members that it does not know are left aside.
/// All else that is not a `T` is `errc::corrupt`: numbers that do not fit, a repeated key, more than 64 levels, bytes
/// left over. A length is checked against what is left before anything is allocated.
struct MsgPack {
    static constexpr fixed_string name{"MsgPack"};

    template <class T> static constexpr bool handles = detail::holds<T>();

    /// `std::errc::invalid_argument` for what goes deeper than 64 and for lengths over 32 bits.
    template <class T> static status encode(T const& object, std::string& out)
    {
        if (!detail::msgpack_writer{out}.put(object)) return std::errc::invalid_argument;
        return {};
    }
    static status encode(std::string_view text, std::string& out)
    {
        if (!detail::msgpack_writer{out}.text(text)) return std::errc::invalid_argument;
        return {};
    }

    template <class T> static lookup<T> decode(std::string_view in)
    {
        lookup<T> result; // the only thing returned, so that it is made where the caller wants it
        detail::msgpack_reader reader{in};
        switch (reader.get(result.emplace())) {
        case detail::read_result::done:
            if (!reader.at_end()) result = errc::corrupt;
            break;
        case detail::read_result::changed: result = miss; break;
        case detail::read_result::other:
        case detail::read_result::unfit: result = errc::corrupt; break;
        }
        return result;
    }
};

} // namespace strata
