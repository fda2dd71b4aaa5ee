#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// Keys and values by number, for stores of integers and of strings. Keys are computed, which takes a few instructions
/// and no memory that the stores could miss.
template <class Key> struct entry;

template <> struct entry<std::uint64_t> {
    static constexpr char const* name = "integers";
    static std::uint64_t value() { return 1; }
    static std::uint64_t use(std::uint64_t value) { return value; }
    static std::uint64_t key(std::uint64_t i) { return i * 0x9E3779B97F4A7C15u; }
    static std::uint64_t view(std::uint64_t key) { return key; }
};

/// Keys of 16 bytes and values of 64.
template <> struct entry<std::string> {
    static constexpr char const* name = "strings";
    static std::string_view value() { return "sixty-four bytes, which is what a small row or a token may take."; }
    static std::uint64_t use(std::string const& value) { return value.size(); }
    using words = std::array<std::uint64_t, 2>;
    static words key(std::uint64_t i) { return {i * 0x9E3779B97F4A7C15u, i * 0xC2B2AE3D27D4EB4Fu}; }
    static std::string_view view(words const& key) { return {reinterpret_cast<char const*>(key.data()), sizeof key}; }
};

} // namespace bench
