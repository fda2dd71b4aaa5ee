/// `Compress<Lz4>`: any bytes from the store, and values of any kind.

#include "support/compress.hpp"

#include <strata/codec/lz4.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    static fuzz::compression<strata::Lz4> fast{{.min_size = 0}};
    static fuzz::compression<strata::Lz4> thorough{{.min_size = 0, .level = 4}};

    switch (in.byte() % 4) {
    case 0: fast.any_bytes(in.rest()); break;
    case 1: {
        std::string form = fuzz::head<strata::Lz4>(in.number(3));
        fast.any_bytes(form.append(in.rest()));
        break;
    }
    case 2: thorough.round_trip(in.rest()); break;
    default: {
        std::string stored = fast.round_trip(in.take(in.number(2)));
        fuzz::damage(stored, in);
        fast.any_bytes(stored);
    }
    }
    return 0;
}
