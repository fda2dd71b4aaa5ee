#pragma once

#include "fuzz.hpp"

#include <strata/core/lookup.hpp>
#include <strata/layer/compress.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What holds for `Compress` with any codec.
namespace fuzz {

/// What stands in front of what the codec made.
template <class Codec> std::string head(std::uint64_t length)
{
    std::string made(1 + strata::detail::max_varint, static_cast<char>(Codec::id));
    char* const end = strata::detail::write_varint(made.data() + 1, length);
    made.resize(static_cast<std::size_t>(end - made.data()));
    return made;
}

template <class Codec> class compression {
public:
    static constexpr std::size_t longest = std::size_t{16} << 10;

    explicit compression(strata::Compress<Codec> settings) : on_{limited(std::move(settings))} {}

    /// `value` comes back as it was, and takes one byte more at most where it is stored.
    std::string round_trip(std::string_view value)
    {
        typename part::buffer out;
        require(bool(on_.encode(value, out)), "a value is encoded");
        std::string stored{out.begin(), out.end()};
        require(stored.size() <= value.size() + 1, "a value grows by one byte at most");
        auto const back = read(stored);
        require(back && *back == value, "decode(encode(x)) is x");
        return stored;
    }

    /// Whatever is stored is decoded to something that is not too long and comes back as it is, or not at all, in
    /// memory that is bounded by what the stored bytes can stand for.
    void any_bytes(std::string_view stored)
    {
        if (auto const value = read(stored)) round_trip(*value);
    }

private:
    using part = typename strata::Compress<Codec>::template on<strata::bytes>;

    static strata::Compress<Codec> limited(strata::Compress<Codec> settings)
    {
        settings.max_size = longest;
        return settings;
    }

    std::optional<std::string> read(std::string_view stored)
    {
        static bool const warm = [this] { return round_trip_of_nothing(); }(); // the codec's own contexts
        require(warm, "an empty value is encoded");

        auto const found = decode(stored, 'a');
        require(found == decode(stored, 'b'), "what is decoded does not depend on what was in memory before");
        return found;
    }

    /// Decodes into memory that is full of `before`.
    std::optional<std::string> decode(std::string_view stored, char before)
    {
        typename part::buffer out;
        out.resize(longest, boost::container::default_init);
        std::memset(out.data(), before, out.size());
        out.clear();
        memory_meter const meter;
        auto const found = on_.decode(stored, out);
        require(meter.peak() <= fixed, "a buffer that is large enough is used as it is");
        typename part::buffer fresh;
        memory_meter const fresh_meter;
        static_cast<void>(on_.decode(stored, fresh));
        require(fresh_meter.peak() <= std::min(std::max(longest, stored.size()), Codec::most(stored.size())) + fixed,
                "memory is bounded by what the stored bytes can stand for");
        if (found.hit()) {
            require(out.size() <= longest, "no decoded value is longer than max_size");
            return std::string{out.begin(), out.end()};
        }
        require(found.error() == strata::errc::corrupt || found.error() == strata::errc::too_large,
                "what is not decoded is corrupt or too large");
        return std::nullopt;
    }

    bool round_trip_of_nothing()
    {
        typename part::buffer out;
        std::string const value(1000, 'x');
        return on_.encode(value, out) && on_.decode(std::string{out.begin(), out.end()}, out).hit();
    }

    static constexpr std::size_t fixed = 4096;

    part on_;
};

} // namespace fuzz
