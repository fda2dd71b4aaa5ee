#pragma once

#include <strata/core/key.hpp>
#include <strata/core/lookup.hpp>
#include <strata/format/detail/binary_reader.hpp>
#include <strata/format/detail/binary_writer.hpp>
#include <strata/format/detail/fingerprint.hpp>

#include <boost/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata {

/// A compact form that follows the type: numbers, enums, text, containers, arrays, optionals, variants, tuples,
/// `std::chrono` durations and time points, and structs adapted for Boost.Hana or described for Boost.Describe, in any
/// nesting.
///
/// In front stand four bytes: a fingerprint of the type's structure and of its members' names. A value that was written
/// for another structure, as by an older version of the program, is a miss. Integers take as many bytes as they need:
/// small ones one byte, or one and a half within a struct or tuple that has several, whose integers stand together in
/// front with their lengths. Text and containers have their length in front, floating-point numbers are as in memory,
/// the least significant byte first. The bytes are the same on every machine whose types have the same sizes.
///
/// Nothing is trusted: a length is checked against what is left before anything is allocated, so that decoding takes at
/// most the size of an element for each byte; what does not fit, a repeated key, too much depth (64 containers within
/// each other) and bytes left over are `errc::corrupt`.
struct Binary {
    static constexpr fixed_string name{"Binary"};

    template <class T> static constexpr bool handles = detail::holds<T>();

    /// `std::errc::invalid_argument` for what goes deeper than 64, and for a variant without a value.
    template <class T> static BOOST_FORCEINLINE status encode(T const& object, std::string& out)
    {
        std::size_t room = 0;
        if constexpr (detail::flat<T>) room = detail::size_bound(object);
        detail::binary_writer writer{out, detail::fingerprint<T>, room};
        bool const done = writer.put<!detail::flat<T>>(object);
        writer.finish();
        if (!done) return std::errc::invalid_argument;
        return {};
    }
    static status encode(std::string_view text, std::string& out)
    {
        detail::binary_writer writer{out, detail::fingerprint<std::string>, detail::max_varint + text.size()};
        writer.text<false>(text);
        writer.finish();
        return {};
    }

    template <class T> static lookup<T> decode(std::string_view in)
    {
        lookup<T> result; // the only thing returned, so that it is made where the caller wants it
        detail::binary_reader reader{in};
        std::uint32_t structure;
        if (reader.fixed(structure)) {
            if (structure != detail::fingerprint<T>) return result;
            if (reader.get(result.emplace()) && reader.at_end()) return result;
        }
        result = errc::corrupt;
        return result;
    }
};

} // namespace strata
