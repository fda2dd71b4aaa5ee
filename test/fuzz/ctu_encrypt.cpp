/// `CtuEncrypt` with each of its ciphers. Nothing is authenticated there; but what it opens is what sealing gives, so
/// that no two stored forms stand for one value.

#include "support/fuzz.hpp"
#include "support/store.hpp"

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace strata;

namespace {

template <class Cipher> class shared {
public:
    explicit shared(std::size_t csize)
        : cache_{hands_, CtuEncrypt<Cipher>{.secret = "sixteen or more bytes", .csize = csize}}, csize_{csize}
    {
    }

    void any_bytes(std::string_view key, std::string_view bytes)
    {
        stored(key, "something");
        hands_.on_it->get = bytes;
        fuzz::memory_meter const meter;
        auto const found = cache_.get(key);
        fuzz::require(meter.peak() <= 8 * bytes.size() + 64 * 1024,
                      "memory is bounded by a multiple of what is opened");
        if (found.hit()) {
            fuzz::require(stored(key, *found) == bytes, "what is opened is what sealing gives");
        } else {
            fuzz::require(found.error() == errc::corrupt, "what is not opened is corrupt");
        }
    }

    void round_trip(std::string_view key, std::string_view value, fuzz::input& in)
    {
        std::string bytes = stored(key, value);
        fuzz::require(bytes == stored(key, value), "the same value looks the same");
        hands_.on_it->get.reset();
        auto const found = cache_.get(key);
        fuzz::require(found.hit() && *found == value, "open(seal(x)) is x");
        fuzz::damage(bytes, in);
        any_bytes(key, bytes);
        if (csize_ == 32 && bytes != stored(key, value)) {
            fuzz::require(cache_.get(key).error() == errc::corrupt, "a whole checksum finds every change");
        }
    }

private:
    std::string stored(std::string_view key, std::string_view value)
    {
        fuzz::require(bool(cache_.put(key, value)), "a value is sealed");
        return hands_.on_it->put;
    }

    Hands hands_;
    stack<Memory<>, Hands, CtuEncrypt<Cipher>> cache_;
    std::size_t csize_;
};

template <class Cipher> void check(fuzz::input& in, std::uint8_t choice)
{
    static shared<Cipher> bare{0};
    static shared<Cipher> checked{4};
    static shared<Cipher> whole{32};
    auto& cache = choice % 3 == 0 ? bare : choice % 3 == 1 ? checked : whole;
    std::string_view const key = in.text();
    if (choice & 0x80) return cache.any_bytes(key, in.rest());
    std::string_view const value = in.take(in.number(2));
    cache.round_trip(key, value, in);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    std::uint8_t const choice = in.byte();
    switch (choice / 3 % 3) {
    case 0: check<Salsa20>(in, choice); break;
    case 1: check<ChaCha20>(in, choice); break;
    default: check<Aes128Cbc>(in, choice);
    }
    return 0;
}
