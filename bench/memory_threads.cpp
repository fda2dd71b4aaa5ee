#include <strata/eviction/lru.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <string>
#include <thread>
#include <vector>

/// What `Sharded` costs one thread beside `OneThread`, and what a second thread adds.
///
///     memory_threads [entries]
///
/// All stores run in turn in one process; a figure is the median of the rounds. With writes, so many in a thousand
/// operations are a `put` of a key that is there, and the rest are hits.

namespace {

using namespace strata;
using duration = std::chrono::duration<double, std::nano>;

constexpr int rounds = 9;
constexpr std::size_t operations = 1000000;

std::atomic<std::uint64_t> sum = 0; // what is found goes here, so that nothing is left out

template <class Key> struct sample;
template <> struct sample<std::uint64_t> {
    static constexpr char const* name = "integers";
    static std::uint64_t key(std::uint64_t i) { return i * 0x9E3779B97F4A7C15u; }
    static std::uint64_t value() { return 1; }
    static std::uint64_t use(std::uint64_t value) { return value; }
};
template <> struct sample<std::string> {
    static constexpr char const* name = "16 and 64 bytes";
    static std::string key(std::uint64_t i)
    {
        char text[17];
        std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(i * 0x9E3779B97F4A7C15u));
        return text;
    }
    static std::string value() { return std::string(64, 'v'); }
    static std::uint64_t use(std::string const& value) { return value.size(); }
};

template <class Key> struct request {
    Key key;
    bool write;
};

template <class Key> std::vector<request<Key>> load(std::size_t entries, std::size_t writes, std::uint64_t seed)
{
    detail::random_bits random{seed};
    std::vector<request<Key>> all;
    all.reserve(operations);
    for (std::size_t i = 0; i < operations; ++i) {
        all.push_back({sample<Key>::key(random.below(entries)), random.below(1000) < writes});
    }
    return all;
}

template <class Key, class Store> void run(Store& store, std::vector<request<Key>> const& requests)
{
    Key value{};
    std::uint64_t found = 0;
    for (auto const& r : requests) {
        if (r.write) [[unlikely]] {
            static_cast<void>(store.put(r.key, sample<Key>::value()));
        } else if (store.get_to(r.key, value)) {
            found += sample<Key>::use(value);
        }
    }
    sum += found;
}

template <class F> double time(F&& f)
{
    auto const start = std::chrono::steady_clock::now();
    f();
    return duration{std::chrono::steady_clock::now() - start}.count() / static_cast<double>(operations);
}

double median(std::vector<double> all)
{
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

template <class Key, class Eviction> void compare(char const* eviction, std::size_t entries, std::size_t writes)
{
    stack<Memory<Key, Key, Eviction>> alone;
    stack<Memory<Key, Key, Eviction, Sharded>> shared;
    for (std::size_t i = 0; i < entries; ++i) {
        static_cast<void>(alone.put(sample<Key>::key(i), sample<Key>::value()));
        static_cast<void>(shared.put(sample<Key>::key(i), sample<Key>::value()));
    }
    auto const first = load<Key>(entries, writes, 1);
    auto const second = load<Key>(entries, writes, 2);
    std::vector<double> one;
    std::vector<double> sharded;
    std::vector<double> two;
    for (int i = 0; i < rounds; ++i) {
        one.push_back(time([&] { run(alone, first); }));
        sharded.push_back(time([&] { run(shared, first); }));
        std::latch start{2};
        std::thread other{[&] {
            start.arrive_and_wait();
            run(shared, second);
        }};
        start.arrive_and_wait();
        two.push_back(time([&] {
            run(shared, first);
            other.join();
        }));
    }
    std::printf("%-9s %-16s %6zu %8.1f %8.1f %6.2f %8.1f %6.2f\n", eviction, sample<Key>::name, writes, median(one),
                median(sharded), median(sharded) / median(one), median(two), 2 * median(sharded) / median(two));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t const entries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100000;
    std::printf("%-9s %-16s %6s %8s %8s %6s %8s %6s\n", "", "nanoseconds each", "writes", "OneThr.", "Sharded", "ratio",
                "two", "scales");
    for (std::size_t const writes : {0u, 1u, 10u, 100u}) {
        compare<std::uint64_t, AdaptiveS3Fifo>("default", entries, writes);
        compare<std::string, AdaptiveS3Fifo>("default", entries, writes);
    }
    compare<std::uint64_t, Lru>("Lru", entries, 0);
    return sum == 0 ? 1 : 0;
}
