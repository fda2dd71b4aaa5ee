/// `Serialize<MsgPack>`: any bytes from the store as values of many types, and values of many kinds.

#include "support/format.hpp"

#include <strata/format/msgpack.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    static constexpr fuzz::format<strata::MsgPack> format{};
    fuzz::input in{bytes, size};
    format.check_all(in);
    return 0;
}
