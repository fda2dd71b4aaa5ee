#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// What `Compress` hands to a codec: its settings, as they were given.
struct codec_settings {
    int level;
    std::string dictionary;
    std::vector<std::string> retired;
};

/// A way to make bytes fewer, for `Compress`: a struct that names it, with a class that does it.
///
///     struct Snappy {
///         static constexpr fixed_string name{"Snappy"}; // optional: what describe() shows
///         static constexpr unsigned char id = 128;      // in front of each value; 1 to 127 are the library's
///         static constexpr int default_level = 0;
///
///         class coder { // one for each layer, which many threads use at once
///         public:
///             explicit coder(codec_settings const& settings);
///             std::size_t compress(std::string_view in, std::span<char> out) const;
///             bool decompress(std::string_view in, std::span<char> out) const;
///         };
///
///         static constexpr std::size_t most(std::size_t size) noexcept; // optional
///     };
///
/// The constructor of `coder` throws `std::invalid_argument`, beginning "Compress.level: ", "Compress.dictionary: " or
/// "Compress.retired: ", for a setting that cannot be. `compress` returns how many bytes of `out` it has written, or 0
/// where they are too few, which is no failure: the value is then stored as it is. `decompress` gets any bytes at all;
/// it fills the whole of `out`, or returns false where `in` is not a compressed form of that many bytes. `most(n)` is a
/// length that no `n` compressed bytes ever exceed: what claims to be longer is refused before memory is taken for it.
template <class C>
concept codec = requires(typename C::coder const& coder, codec_settings const& settings, std::string_view in,
                         std::span<char> out) {
    requires C::id > 0;
    { C::default_level } -> std::convertible_to<int>;
    requires std::constructible_from<typename C::coder, codec_settings const&>;
    { coder.compress(in, out) } -> std::same_as<std::size_t>;
    { coder.decompress(in, out) } -> std::same_as<bool>;
};

} // namespace strata
