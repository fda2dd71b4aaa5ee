#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

/// How near the optimum an eviction would come that judges an entry by how often and when it was used. It has what no
/// cache has: the times of all keys since the trace began, and a table, made from this very trace beforehand, of how
/// soon keys with such a past were asked for again. It need not keep a new entry. Of 64 entries drawn at random, that
/// goes whose uses in the time to come are fewest for the time that it would be kept (the hit density of Beckmann, Chen
/// and Cidon, "LHD: Improving Cache Hit Rate by Maximizing Hit Density", NSDI 2018). It is a measure, not a proof: an
/// eviction that knows which keys come together could do better.
class trained {
public:
    trained(std::vector<std::uint32_t> const& trace, std::size_t entries)
        : trace_{trace}, entries_{entries}, keys_(*std::max_element(trace.begin(), trace.end()) + 1), ages_(classes)
    {
        learn();
    }

    double miss_ratio()
    {
        std::vector<std::uint32_t> held;
        std::vector<std::uint32_t> place(keys_.size(), nowhere);
        std::mt19937_64 random{1};
        std::size_t misses = 0;
        for (std::uint32_t now = 0; now < trace_.size(); ++now) {
            auto const asked = trace_[now];
            keys_[asked].use(now);
            if (place[asked] != nowhere) continue;
            ++misses;
            if (held.size() < entries_) {
                place[asked] = static_cast<std::uint32_t>(held.size());
                held.push_back(asked);
                continue;
            }
            std::uint32_t worst = asked;
            for (int drawn = 0; drawn < 64; ++drawn) {
                auto const one = held[random() % entries_];
                if (density(one, now) < density(worst, now)) worst = one;
            }
            if (worst == asked) continue;
            place[asked] = place[worst];
            held[place[asked]] = asked;
            place[worst] = nowhere;
        }
        return static_cast<double>(misses) / static_cast<double>(trace_.size());
    }

private:
    static constexpr std::uint32_t nowhere = UINT32_MAX;
    static constexpr std::size_t classes = 8 * 32 * 32;

    /// What is known of a key: how often it was asked for, when last, and after which times.
    struct past {
        std::uint32_t uses = 0, last = 0, gap = 0, gap_before = 0;

        void use(std::uint32_t now)
        {
            if (uses++ > 0) {
                gap_before = gap;
                gap = now - last;
            }
            last = now;
        }
        /// Powers of two of all three, the uses up to three exactly.
        [[nodiscard]] std::size_t number() const
        {
            auto const often = uses < 4 ? uses : uses < 8 ? 4 : uses < 16 ? 5 : uses < 64 ? 6 : 7;
            return (often * 32 + octave(gap)) * 32 + octave(gap_before);
        }
        static std::size_t octave(std::uint32_t time)
        {
            return std::min<std::size_t>(31, static_cast<std::size_t>(std::bit_width(time)));
        }
    };

    /// For each time since the last use, in quarters of a power of two.
    using by_age = std::array<double, 128>;
    static std::size_t step(std::uint32_t age)
    {
        auto const power = static_cast<unsigned>(std::bit_width(age | 1)) - 1;
        return power * 4 + (power < 2 ? 0 : age >> (power - 2) & 3);
    }
    static double middle(std::size_t step)
    {
        return std::ldexp(1.125 + static_cast<double>(step % 4) / 4, static_cast<int>(step / 4));
    }

    [[nodiscard]] double density(std::uint32_t key, std::uint32_t now) const
    {
        return ages_[keys_[key].number()][step(now - keys_[key].last)];
    }

    void learn()
    {
        std::vector<double> uses(classes);
        for (std::uint32_t now = 0; now < trace_.size(); ++now) {
            auto& key = keys_[trace_[now]];
            if (key.uses > 0) ++ages_[key.number()][step(now - key.last)];
            key.use(now);
            ++uses[key.number()];
        }
        std::fill(keys_.begin(), keys_.end(), past{});
        for (std::size_t i = 0; i < classes; ++i) {
            if (uses[i] > 0) ages_[i] = densities(ages_[i], uses[i]);
        }
    }

    /// From how many of `all` came again at each age to how many do for a request that an entry of that age is kept,
    /// with the best of three times to keep it.
    [[nodiscard]] by_age densities(by_age const& again, double all) const
    {
        by_age left{}; // not asked for again before that age
        left[0] = all;
        for (std::size_t i = 1; i < left.size(); ++i) left[i] = left[i - 1] - again[i - 1];
        by_age result{};
        for (double const times : {0.5, 4.0, 32.0}) {
            auto const keep = times * static_cast<double>(entries_);
            for (std::size_t from = 0; from < left.size(); ++from) {
                double hits = again[from] / 2;
                double kept = 1;
                double at = middle(from);
                auto const end = at + keep;
                for (std::size_t i = from + 1; i < left.size() && at < end; ++i) {
                    auto const next = std::min(middle(i), end);
                    kept += left[i] * (next - at);
                    if (next < end) hits += again[i];
                    at = next;
                }
                result[from] = std::max(result[from], hits / kept);
            }
        }
        return result;
    }

    std::vector<std::uint32_t> const& trace_;
    std::size_t entries_;
    std::vector<past> keys_;
    std::vector<by_age> ages_;
};

} // namespace bench
