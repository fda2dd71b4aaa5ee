#pragma once

#include "draw.hpp"
#include "fuzz.hpp"
#include "types.hpp"

#include <strata/core/lookup.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

/// What holds for every format of `Serialize`.
namespace fuzz {

/// `T` of one of the types that are tried. `per_byte` is the memory that a byte of its stored form may take as a value.
template <class T, std::size_t PerByte> struct tried {
    using type = T;
    static constexpr std::size_t per_byte = PerByte;
};

/// An element needs at least one byte; while a vector grows, it is there twice.
template <class T> inline constexpr std::size_t grown = 3 * sizeof(T);

using alternatives = std::variant<bool, double, std::string>;
using tried_types =
    std::tuple<tried<record, grown<point> + grown<std::string>>, tried<std::vector<record>, grown<record>>,
               tried<std::string, 3>, tried<std::vector<std::vector<std::vector<int>>>, grown<std::vector<int>>>,
               tried<std::map<std::string, std::optional<std::string>>, 256>,
               tried<std::vector<alternatives>, grown<alternatives>>,
               tried<std::vector<std::monostate>, 3>, tried<double, 1>, tried<std::vector<unsigned char>, 3>>;

/// `Format` takes `per_byte` more for each byte of what it decodes, and `fixed` at all.
template <class Format> class format {
public:
    std::size_t per_byte = 0;
    std::size_t fixed = 4096;

    /// Tries any bytes as a `T`, a drawn `T`, or a drawn `T` with damaged bytes.
    template <class Tried> void check(input& in) const
    {
        using T = typename Tried::type;
        if constexpr (Format::template handles<T>) {
            switch (in.byte() % 4) {
            case 0: any_bytes<Tried>(in.rest()); break;
            case 1: { // behind what a format may put in front of each value of the type
                std::string stored = encoded(T{}).value_or("");
                stored.resize(std::min<std::size_t>(stored.size(), 4));
                any_bytes<Tried>(stored.append(in.rest()));
                break;
            }
            case 2: {
                T value{};
                draw(in, value);
                round_trip(value);
                break;
            }
            default: {
                T value{};
                draw(in, value);
                auto stored = encoded(value);
                if (!stored) return;
                damage(*stored, in);
                any_bytes<Tried>(*stored);
            }
            }
        }
    }

    void check_all(input& in) const
    {
        std::apply([&](auto... type) {
            std::size_t const which = in.byte() % sizeof...(type);
            std::size_t i = 0;
            ((which == i++ ? check<decltype(type)>(in) : void()), ...);
        }, tried_types{});
    }

private:
    template <class T> static std::optional<std::string> encoded(T const& value)
    {
        std::string out;
        auto const done = Format::encode(value, out);
        if (done) return out;
        require(done.error() == std::errc::invalid_argument, "what is not encoded is an invalid argument");
        return std::nullopt;
    }

    /// Returns the bytes of a value that must be read again as it is. NaN is not equal to itself, but its bytes are.
    template <class T> static void round_trip(T const& value)
    {
        auto const stored = encoded(value);
        if (!stored) return;
        auto const back = Format::template decode<T>(*stored);
        require(back.hit(), "what was encoded is decoded");
        require(encoded(*back) == stored, "decode(encode(x)) is x");
        if constexpr (std::equality_comparable<T>) {
            if (value == value) require(*back == value, "decode(encode(x)) equals x");
        }
    }

    template <class Tried> void any_bytes(std::string_view stored) const
    {
        using T = typename Tried::type;
        memory_meter const meter;
        auto const found = Format::template decode<T>(stored);
        require(meter.peak() <= (per_byte + Tried::per_byte) * stored.size() + fixed,
                "memory is bounded by a multiple of what is decoded");
        if (found.failed()) require(found.error() == strata::errc::corrupt, "what is not decoded is corrupt");
        if (!found.hit()) return;
        require(encoded(*found).has_value(), "what was decoded can be encoded");
        round_trip(*found);
    }
};

} // namespace fuzz
