#pragma once

#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): eight bytes of
/// state, and good enough to choose victims by. Not for secrets.
class random_bits {
public:
    explicit constexpr random_bits(std::uint64_t seed = 0) noexcept : state_{seed} {}

    std::uint64_t operator()() noexcept
    {
        auto z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return z ^ z >> 31;
    }

    /// A number below `bound`, which fits in 32 bits, nearly uniform.
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(((*this)() >> 32) * bound >> 32); }

private:
    std::uint64_t state_;
};

} // namespace strata::detail
