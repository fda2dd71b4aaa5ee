#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace bench {

/// The figures of all rounds of a measurement.
class figures {
public:
    void add(double figure) { all_.push_back(figure); }

    /// The one that a `share` of them, from 0 to 1, is not above. There must be one.
    [[nodiscard]] double at(double share)
    {
        std::sort(all_.begin(), all_.end());
        return all_[static_cast<std::size_t>(share * static_cast<double>(all_.size() - 1))];
    }

    void print_time() { std::printf(" %8.1f", at(0.5)); }
    /// The median before the quartiles.
    void print_ratio() { std::printf("   %4.2f (%4.2f-%4.2f)", at(0.5), at(0.25), at(0.75)); }

private:
    std::vector<double> all_;
};

} // namespace bench
