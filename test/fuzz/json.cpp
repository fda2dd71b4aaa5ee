/// `Serialize<Json>`: any bytes from the store as values of many types, and values of many kinds.

#include "support/format.hpp"

#include <strata/format/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    static constexpr fuzz::format<strata::Json> format{.per_byte = 48};
    fuzz::input in{bytes, size};
    format.check_all(in);
    return 0;
}
