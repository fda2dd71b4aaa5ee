/// `Compress<Zstd>`, with and without a dictionary: any bytes from the store, and values of any kind.

#include "support/compress.hpp"

#include "../support/samples.hpp"

#include <strata/codec/zstd.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    static std::string const dictionary = strata::Zstd::train(samples::records(500), 2048);
    static fuzz::compression<strata::Zstd> plain{{.min_size = 0, .level = 1}};
    static fuzz::compression<strata::Zstd> trained{{.min_size = 0, .dictionary = dictionary}};

    std::uint8_t const choice = in.byte();
    auto& compression = choice & 4 ? trained : plain;
    switch (choice % 4) {
    case 0: compression.any_bytes(in.rest()); break;
    case 1: {
        std::string form = fuzz::head<strata::Zstd>(in.number(3));
        compression.any_bytes(form.append("\x28\xb5\x2f\xfd").append(in.rest()));
        break;
    }
    case 2: compression.round_trip(in.rest()); break;
    default: {
        std::string stored = compression.round_trip(in.take(in.number(2)));
        fuzz::damage(stored, in);
        compression.any_bytes(stored);
    }
    }
    return 0;
}
