/// `Serialize<Json>`: any bytes from the store as values of many types, and values of many kinds.

#include "support/format.hpp"

#include <strata/format/json.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// A number that is read is the one that the C library reads in the same text, and so is never infinite. An integer
/// that is written as one is exact; with a fraction or an exponent it is rounded as a `double` is.
template <class Number> void check_number(std::string_view text)
{
    auto const found = strata::Json::decode<Number>(text);
    if (!found.hit()) return;
    std::string const terminated{text};
    double const rounded = std::strtod(terminated.c_str(), nullptr);
    fuzz::require(std::isfinite(rounded) && static_cast<double>(*found) == rounded, "a number is what its text says");
    if constexpr (std::integral<Number>) {
        bool const integer = text.find_first_of(".eE") == text.npos;
        long double const exact = std::strtold(terminated.c_str(), nullptr);
        fuzz::require(!integer || static_cast<long double>(*found) == exact, "an integer is exact");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    static constexpr fuzz::format<strata::Json> format{.per_byte = 48};
    fuzz::input in{bytes, size};
    if (size != 0 && bytes[0] == 'n') {
        in.byte();
        std::string_view const text = in.rest();
        check_number<double>(text);
        check_number<std::int64_t>(text);
        check_number<std::uint64_t>(text);
    } else {
        format.check_all(in);
    }
    return 0;
}
