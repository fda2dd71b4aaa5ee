#pragma once

#include <strata/core/key.hpp>
#include <strata/core/lookup.hpp>
#include <strata/format/detail/json_kind.hpp>
#include <strata/format/detail/json_parser.hpp>
#include <strata/format/detail/json_reader.hpp>
#include <strata/format/detail/json_writer.hpp>
#include <strata/format/detail/read_result.hpp>

#include <boost/json/monotonic_resource.hpp>

#include <string>
#include <string_view>

namespace strata {

/// JSON (RFC 8259) on Boost.JSON: compact, in UTF-8, the keys of objects in the order of their bytes.
///
/// It knows numbers, text, containers, arrays, optionals, tuples and variants, `std::chrono` durations and time points,
/// structs adapted for Boost.Hana or described for Boost.Describe, in any nesting, and all else that Boost.JSON's
/// `value_from` and `value_to` convert. A struct and a map whose keys are text are objects; other maps are arrays of
/// pairs; a variant is `[index, value]`; durations and enums are numbers, but described enums are names; an empty
/// optional is `null`, and where its value could itself be `null` it is `[]` or `[value]`.
///
/// Nothing is lost in silence: text that is not UTF-8, NaN, infinities and more than 64 levels fail with
/// `std::errc::invalid_argument` when they are written. Read are values that the type has exactly, but for the rounding
/// of floating-point numbers; all else is `errc::corrupt`. A struct that lacks a member, or has one of another type, is
/// a miss; members that it does not know are left aside. Decoding takes memory for the tree of the text: less than 48
/// bytes for each of the text's, besides the value itself.
struct Json {
    static constexpr fixed_string name{"Json"};

    template <class T> static constexpr bool handles = detail::holds<T, detail::json_conversions>();

    template <class T> static status encode(T const& object, std::string& out)
    {
        if (!detail::json_writer{out}.put(object)) return std::errc::invalid_argument;
        return {};
    }
    static status encode(std::string_view text, std::string& out)
    {
        if (!detail::json_writer{out}.text(text)) return std::errc::invalid_argument;
        return {};
    }

    template <class T> static lookup<T> decode(std::string_view in)
    {
        if constexpr (detail::holds<T>()) {
            unsigned char buffer[2048];
            boost::json::monotonic_resource memory{buffer};
            return decode_in<T>(in, &memory);
        } else {
            return decode_in<T>(in, {}); // a user's type may keep a part of the tree
        }
    }

private:
    template <class T> static lookup<T> decode_in(std::string_view in, boost::json::storage_ptr memory)
    {
        bool parsed;
        auto const tree = detail::parse_json(in, std::move(memory), parsed);
        if (!parsed) return errc::corrupt;
        lookup<T> result;
        switch (detail::from_json(tree, result.emplace())) {
        case detail::read_result::done: return result;
        case detail::read_result::changed: return miss;
        case detail::read_result::other:
        case detail::read_result::unfit: break;
        }
        return errc::corrupt;
    }
};

} // namespace strata
