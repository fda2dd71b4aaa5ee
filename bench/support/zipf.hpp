#pragma once

#include <strata/eviction/detail/random_bits.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace bench {

/// Ranks from 0 to `ranks - 1` by Zipf's law: rank k comes in proportion to (k + 1)^-exponent. Exact, in constant time
/// and without a table, by rejection-inversion (Hörmann and Derflinger, "Rejection-Inversion to Generate Variates from
/// Monotone Discrete Distributions", ACM TOMACS 1996). The exponent is not 1.
class zipf_ranks {
public:
    zipf_ranks(std::uint64_t ranks, double exponent, std::uint64_t seed)
        : last_{static_cast<double>(ranks)}
        , exponent_{exponent}
        , low_{area(1.5) - 1}
        , high_{area(last_ + 0.5)}
        , sure_{2 - place(area(2.5) - density(2))}
        , random_{seed}
    {
    }

    std::uint64_t operator()()
    {
        for (;;) {
            auto const at = low_ + static_cast<double>(random_() >> 11) * 0x1p-53 * (high_ - low_);
            auto const x = place(at);
            auto const k = std::clamp(std::round(x), 1.0, last_);
            if (k - x <= sure_ || at >= area(k + 0.5) - density(k)) return static_cast<std::uint64_t>(k) - 1;
        }
    }

private:
    [[nodiscard]] double density(double x) const { return std::pow(x, -exponent_); }
    /// The integral of the density, and its inverse.
    [[nodiscard]] double area(double x) const { return (std::pow(x, 1 - exponent_) - 1) / (1 - exponent_); }
    [[nodiscard]] double place(double area) const { return std::pow(1 + area * (1 - exponent_), 1 / (1 - exponent_)); }

    double last_;
    double exponent_;
    double low_;
    double high_;
    double sure_; ///< From there on a rank is taken without a look at its density.
    strata::detail::random_bits random_;
};

} // namespace bench
