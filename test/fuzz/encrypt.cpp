/// `Encrypt` with each of its ciphers: of all that a store may return, only what was sealed for this key, in this
/// context, under this secret or a retired one, is opened, and only before it expires.

#include "support/fuzz.hpp"
#include "support/store.hpp"

#include "../support/glass.hpp"

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

/// `cache` takes what is stored under `key`, of `size` bytes, for forged: it says so, counts it, and returns nothing.
template <class Cipher> void refuse(auto& cache, std::string_view key, std::size_t size, char const* property)
{
    constexpr std::size_t fixed = 64 * 1024;
    auto const before = cache.template layer<Encrypt<Cipher>>().corrupt();
    std::string out = "untouched";
    fuzz::memory_meter const meter;
    auto const found = cache.get_to(key, out);
    fuzz::require(meter.peak() <= 8 * size + fixed, "memory is bounded by a multiple of what is opened");
    fuzz::require(found.error() == errc::corrupt, property);
    fuzz::require(out == "untouched", "nothing comes of a refused entry");
    fuzz::require(cache.template layer<Encrypt<Cipher>>().corrupt() == before + 1, "a refused entry is counted");
}

template <class Cipher> class sealed {
    using cache_type = stack<Memory<>>::with<Hands>::with<Encrypt<Cipher>>;

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
        ::refuse<Cipher>(cache_, key, size, property);
    }

    Hands hands_;
    ManualClock clock_;
    cache_type cache_;
};

/// A cache whose secret was changed twice, over the entries of one that still writes under the first.
template <class Cipher> class rotated {
    using cache_type = stack<Glass>::with<Encrypt<Cipher>>;

public:
    explicit rotated(Padding padding)
        : old_{store_, Encrypt<Cipher>{.secret = first, .padding = padding}}
        , changed_{store_, Encrypt<Cipher>{.secret = third, .retired = {second, first}, .padding = padding}}
        , done_{store_, Encrypt<Cipher>{.secret = third, .retired = {second}, .padding = padding}}
    {
    }

    void check(fuzz::input& in, bool any_bytes)
    {
        std::string const key{in.text()};
        std::string const value{any_bytes ? in.text() : in.take(in.number(2))};
        store_.entries->clear();
        fuzz::require(bool(old_.put(key, value)), "a value is sealed");
        auto const [place, bytes] = *store_.entries->begin();
        auto const found = changed_.get(key);
        fuzz::require(found.hit() && *found == value, "what a retired secret has sealed is read");
        fuzz::require(changed_.contains(key).hit(), "and is there");
        fuzz::require(done_.get(key).miss(), "a secret that was removed opens nothing");

        std::string forged = bytes;
        if (any_bytes) {
            forged = bytes.substr(0, in.byte());
            forged += in.rest();
        } else {
            fuzz::damage(forged, in);
        }
        if (forged != bytes) {
            (*store_.entries)[place] = forged;
            refuse<Cipher>(changed_, key, forged.size(), "forged bytes in the place of a retired secret are refused");
        }

        fuzz::require(bool(changed_.put(key, value)), "a value is sealed");
        fuzz::require(store_.entries->size() == 1, "what is written leaves nothing older");
        auto& current = store_.entries->begin()->second;
        fuzz::require(done_.get(key).hit(), "what is written needs no retired secret");
        current = bytes;
        refuse<Cipher>(changed_, key, bytes.size(), "an entry of a retired secret stays in its place");
        current = forged;
        refuse<Cipher>(changed_, key, forged.size(), "a retired secret does not open forged bytes anywhere");
    }

private:
    static constexpr char const* first = "the first secret of some bytes";
    static constexpr char const* second = "the second secret of some bytes";
    static constexpr char const* third = "the third secret of some bytes";

    Glass store_;
    cache_type old_;
    cache_type changed_;
    cache_type done_;
};

template <class Cipher> void check(fuzz::input& in, std::uint8_t choice)
{
    if (choice & 0x80) {
        static rotated<Cipher> plain{Padding::none};
        static rotated<Cipher> padded{Padding::padme};
        (choice & 1 ? padded : plain).check(in, choice & 2);
        return;
    }
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
