#include "support/counters.hpp"

#include <strata/strata.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// What `Memory` costs beside the floor: `boost::unordered_flat_map` with a good hash, no bound and no eviction.
///
///     memory [largest number of entries]
///
/// Both sides run in turn in one process; a figure is the median of the rounds. Instructions are counted where the
/// kernel lets them be.

namespace {

using namespace strata;

constexpr int rounds = 9;

struct good_hash {
    using is_transparent = void;
    using is_avalanching = void;
    hash_seed seed{1, 0x9E3779B97F4A7C15u};

    std::size_t operator()(std::uint64_t key) const noexcept { return detail::hash_word(key, seed); }
    std::size_t operator()(std::string_view key) const noexcept { return detail::hash_bytes(key, seed); }
};

std::uint64_t sum = 0; // what is found goes here, so that nothing is left out

struct cost {
    double nanoseconds;
    std::optional<double> instructions;
};

template <class F> cost measure(std::size_t operations, F&& f)
{
    bench::instruction_counter const counter;
    auto const before = counter.read();
    auto const start = std::chrono::steady_clock::now();
    f();
    std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
    auto const after = counter.read();
    auto const n = static_cast<double>(operations);
    cost result{time.count() / n, std::nullopt};
    if (before && after) result.instructions = static_cast<double>(*after - *before) / n;
    return result;
}

cost median(std::vector<cost> all)
{
    std::sort(all.begin(), all.end(), [](cost const& a, cost const& b) { return a.nanoseconds < b.nanoseconds; });
    return all[all.size() / 2];
}

/// Runs both in turn and prints a line.
template <class Ours, class Floor>
void compare(char const* what, std::size_t entries, std::size_t operations, Ours&& ours, Floor&& floor)
{
    std::vector<cost> a;
    std::vector<cost> b;
    for (int i = 0; i < rounds; ++i) {
        b.push_back(measure(operations, floor));
        a.push_back(measure(operations, ours));
    }
    auto const [mine, mine_count] = median(a);
    auto const [least, least_count] = median(b);
    std::printf("%-34s %9zu %8.1f %8.1f %6.2f", what, entries, mine, least, mine / least);
    if (mine_count && least_count) std::printf(" %7.1f %7.1f", *mine_count, *least_count);
    std::printf("\n");
    std::fflush(stdout);
}

std::vector<std::uint64_t> shuffled(std::size_t entries, std::size_t count)
{
    detail::random_bits random{entries};
    std::vector<std::uint64_t> keys(count);
    for (auto& key : keys) key = random.below(entries) * 0x9E3779B97F4A7C15u;
    return keys;
}

std::string text_of(std::uint64_t key)
{
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key));
    return text;
}

void integers(std::size_t entries)
{
    using Cache = Memory<std::uint64_t, std::uint64_t>;
    stack<Cache> cache{Cache{.max_entries = entries}};
    boost::unordered_flat_map<std::uint64_t, std::uint64_t, good_hash> map;
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = i * 0x9E3779B97F4A7C15u;
        static_cast<void>(cache.put(key, i));
        map[key] = i;
    }
    auto const keys = shuffled(entries, 1000000);
    auto const floor = [&] {
        for (auto const key : keys) {
            if (auto const at = map.find(key); at != map.end()) sum += at->second;
        }
    };
    std::uint64_t value = 0;
    compare("get_to, integers", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    if (cache.get_to(key, value)) sum += value;
                }
            },
            floor);
    compare("visit, integers", entries, keys.size(),
            [&] {
                for (auto const key : keys) static_cast<void>(cache.visit(key, [](std::uint64_t v) { sum += v; }));
            },
            floor);
    std::vector<std::uint64_t> batch(16);
    compare("get_many of 16, integers", entries, keys.size() / 16 * 16,
            [&] {
                for (std::size_t i = 0; i + 16 <= keys.size(); i += 16) {
                    std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(i), 16, batch.begin());
                    for (auto const& found : cache.get_many(batch)) sum += *found;
                }
            },
            floor);
    auto const memory = cache.layer<Cache>().statistics();
    std::printf("%-34s %9zu %8.1f bytes beside the payload (index %.1f, order %.1f)\n", "full", entries,
                static_cast<double>(memory.bytes()) / static_cast<double>(memory.entries) - 16,
                static_cast<double>(memory.index_bytes) / static_cast<double>(memory.entries),
                static_cast<double>(memory.order_bytes) / static_cast<double>(memory.entries));
}

void strings(std::size_t entries)
{
    stack<Memory<>> cache{Memory<>{.max_entries = entries}};
    boost::unordered_flat_map<std::string, std::string, good_hash, std::equal_to<>> map;
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = text_of(i * 0x9E3779B97F4A7C15u);
        static_cast<void>(cache.put(key, std::string(64, 'v')));
        map[key] = std::string(64, 'v');
    }
    std::vector<std::string> keys;
    for (auto const key : shuffled(entries, 200000)) keys.push_back(text_of(key));
    std::string value;
    std::string other;
    compare("get_to, 16 and 64 bytes", entries, keys.size(),
            [&] {
                for (auto const& key : keys) {
                    if (cache.get_to(key, value)) sum += value.size();
                }
            },
            [&] {
                for (auto const& key : keys) {
                    if (auto const at = map.find(std::string_view{key}); at != map.end()) {
                        other.assign(at->second);
                        sum += other.size();
                    }
                }
            });
}

/// Zipf(0.99) over ten times the capacity: get, and put on a miss; the floor holds all keys.
void zipf(std::size_t entries)
{
    using Cache = Memory<std::uint64_t, std::uint64_t>;
    auto const universe = entries * 10;
    std::vector<double> cumulative(universe);
    double total = 0;
    for (std::size_t i = 0; i < universe; ++i) cumulative[i] = total += std::pow(static_cast<double>(i + 1), -0.99);
    detail::random_bits random{3};
    std::vector<std::uint64_t> keys(500000);
    for (auto& key : keys) {
        auto const at = static_cast<double>(random() >> 11) * 0x1p-53 * total;
        key = static_cast<std::uint64_t>(std::lower_bound(cumulative.begin(), cumulative.end(), at) - cumulative.begin());
    }
    stack<Cache> cache{Cache{.max_entries = entries}};
    boost::unordered_flat_map<std::uint64_t, std::uint64_t, good_hash> map;
    std::uint64_t value = 0;
    compare("zipf 0.99, a tenth fits, integers", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    if (!cache.get_to(key, value)) static_cast<void>(cache.put(key, key));
                }
            },
            [&] {
                for (auto const key : keys) sum += map.try_emplace(key, key).first->second;
            });
}

/// Hits of one and of two threads on one store.
void threads(std::size_t entries)
{
    using Cache = Memory<std::uint64_t, std::uint64_t, AdaptiveS3Fifo, Sharded>;
    stack<Cache> cache;
    stack<Memory<std::uint64_t, std::uint64_t>> alone;
    for (std::size_t i = 0; i < entries; ++i) {
        static_cast<void>(cache.put(i * 0x9E3779B97F4A7C15u, i));
        static_cast<void>(alone.put(i * 0x9E3779B97F4A7C15u, i));
    }
    auto const keys = shuffled(entries, 1000000);
    auto const work = [&](auto& store) {
        std::uint64_t value = 0;
        std::uint64_t found = 0;
        for (auto const key : keys) {
            if (store.get_to(key, value)) found += value;
        }
        return found;
    };
    compare("Sharded beside OneThread", entries, keys.size(), [&] { sum += work(cache); }, [&] { sum += work(alone); });
    compare("two threads beside one, each get", entries, keys.size(),
            [&] {
                std::thread other{[&] { static_cast<void>(work(cache)); }};
                sum += work(cache);
                other.join();
            },
            [&] { sum += work(cache); });
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t const largest = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4000000;
    std::printf("%-34s %9s %8s %8s %6s %7s %7s\n", "", "entries", "ns", "floor", "ratio", "instr.", "floor");
    for (std::size_t const entries : {std::size_t{1000}, std::size_t{100000}, largest}) {
        if (entries > largest) continue;
        integers(entries);
        strings(entries);
        if (entries <= 100000) zipf(entries);
    }
    threads(100000);
    return sum == 0 ? 1 : 0;
}
