#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// The middle one of `values`, which must not be empty; of an even number the upper of the two.
template <class T> [[nodiscard]] T median(std::vector<T> values)
{
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// How long operations took, each of them.
class latencies {
public:
    void add(std::uint64_t ns) { ns_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(ns, UINT32_MAX))); }
    void add(latencies const& others) { ns_.insert(ns_.end(), others.ns_.begin(), others.ns_.end()); }

    [[nodiscard]] std::size_t size() const noexcept { return ns_.size(); }

    /// Microseconds within which the `fraction` of all operations ended; 0 where there were none.
    [[nodiscard]] double percentile(double fraction)
    {
        if (ns_.empty()) return 0;
        auto const rank = static_cast<std::size_t>(fraction * static_cast<double>(ns_.size()));
        auto const at = ns_.begin() + static_cast<std::ptrdiff_t>(std::min(rank, ns_.size() - 1));
        std::nth_element(ns_.begin(), at, ns_.end());
        return *at / 1000.0;
    }

private:
    std::vector<std::uint32_t> ns_;
};

} // namespace bench
