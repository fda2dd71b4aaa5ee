/// `Encrypt` with each of its ciphers: of all that a store may return, only what was sealed for this key, in this
/// context, under this secret, is opened, and only before it expires.

#include "support/fuzz.hpp"
#include "support/store.hpp"

#include <strata/core/clock.hpp>
#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

using namespace strata;
using namespace std::chrono_literals;

namespace {

template <class Cipher> class sealed {
    using cache_type = stack<Memory<>>::with<Hands>::with<Encrypt<Cipher>>;
    static constexpr std::size_t fixed = 64 * 1024;

public:
    /// A stranger's bytes, perhaps behind the first ones of a real entry.
    void any_bytes(fuzz::input& in)
    {
        cache_.put("key", "value", 1h);
        std::string bytes = hands_.on_it->put.substr(0, in.byte());
        bytes += in.rest();
        if (bytes == hands_.on_it->put) return;
        stored(bytes);
        refuse("key", bytes.size(), "bytes that nobody sealed are refused");
    }

    /// A sealed value comes back; changed in whatever way it does not, nor under another key, nor after its time.
    void sealed_value(fuzz::input& in)
    {
        std::string const key{in.text()};
        std::string const other{in.text()};
        std::string const value{in.take(in.number(2))};
        fuzz::require(bool(cache_.put(key, value, 1h)), "a value is sealed");
        std::string const before = hands_.on_it->put;
        fuzz::require(bool(cache_.put(other, value, 1h)), "a value is sealed");
        std::string const of_other = hands_.on_it->put;
        fuzz::require(bool(cache_.put(key, value, 1h)), "a value is sealed");
        std::string const bytes = hands_.on_it->put;
        fuzz::require(bytes != before && bytes != of_other, "no two writes look the same");
        std::string_view const behind_header = std::string_view{bytes}.substr(detail::sealed_header::size);
        fuzz::require(value.size() < 16 || behind_header.find(value) == behind_header.npos,
                      "the value is not in what is stored");

        hands_.on_it->get.reset();
        auto const found = cache_.get(key);
        fuzz::require(found.hit() && *found == value, "open(seal(x)) is x");

        if (key != other) {
            stored(of_other);
            refuse(key, bytes.size(), "an entry moved to another key is refused");
        }
        stored(bytes);
        fuzz::require(cache_.get(key).hit(), "an entry can be put back");
        clock_.advance(1h);
        fuzz::require(cache_.get(key).miss(), "an entry put back after its time is a miss");
        clock_.advance(-1h);

        std::string changed = bytes;
        fuzz::damage(changed, in);
        if (changed == bytes) return;
        stored(changed);
        refuse(key, changed.size(), "a changed entry is refused");
    }

    explicit sealed(Padding padding)
        : cache_{hands_, Encrypt<Cipher>{.secret = "sixteen or more bytes", .padding = padding, .clock = clock_}}
    {
    }

private:
    void stored(std::string_view bytes) { hands_.on_it->get = bytes; }

    void refuse(std::string_view key, std::size_t size, char const* property)
    {
        auto const before = cache_.template layer<Encrypt<Cipher>>().corrupt();
        std::string out = "untouched";
        fuzz::memory_meter const meter;
        auto const found = cache_.get_to(key, out);
        fuzz::require(meter.peak() <= 8 * size + fixed, "memory is bounded by a multiple of what is opened");
        fuzz::require(found.error() == errc::corrupt, property);
        fuzz::require(out == "untouched", "nothing comes of a refused entry");
        fuzz::require(cache_.template layer<Encrypt<Cipher>>().corrupt() == before + 1, "a refused entry is counted");
    }

    Hands hands_;
    ManualClock clock_;
    cache_type cache_;
};

template <class Cipher> void check(fuzz::input& in, std::uint8_t choice)
{
    static sealed<Cipher> plain{Padding::none};
    static sealed<Cipher> padded{Padding::padme};
    auto& cache = choice & 1 ? padded : plain;
    choice & 2 ? cache.any_bytes(in) : cache.sealed_value(in);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    std::uint8_t const choice = in.byte();
    switch (choice / 4 % 3) {
    case 0: check<ChaCha20>(in, choice); break;
    case 1: check<Aes256>(in, choice); break;
    default: check<AesSiv>(in, choice);
    }
    return 0;
}
