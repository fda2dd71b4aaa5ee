#include "support/bare_entries.hpp"
#include "support/counters.hpp"
#include "support/flat_map.hpp"

#include <strata/strata.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `Memory` costs beside the floor: `boost::unordered_flat_map` with a good hash, no bound and no eviction.
///
///     memory [--only integers|strings|overhead] [--rounds N] [largest number of entries]
///
/// "By hand" and "its lines alone" bound what can be had of it: the same search in the same layout where all sizes are
/// constants, and the cache lines of entries whose places are known (bench/support/bare_entries.hpp).
///
/// Both sides run in turn in one process; a figure is the median of the rounds. Instructions are counted where the
/// kernel lets them be. For the native instruction set: tools/bench --flags "-O3 -march=native" memory

namespace {

using namespace strata;

int rounds = 9;

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

std::uint64_t key_of(std::uint64_t number) { return number * 0x9E3779B97F4A7C15u; }

/// Numbers of entries.
std::vector<slot_number> chosen(std::size_t entries, std::size_t count)
{
    detail::random_bits random{entries};
    std::vector<slot_number> numbers(count);
    for (auto& number : numbers) number = static_cast<slot_number>(random.below(entries));
    return numbers;
}

std::string text_of(std::uint64_t key)
{
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key));
    return text;
}

/// Many texts in one place: were each a string of its own, reading the keys would cost more than finding them.
class texts_of {
public:
    explicit texts_of(std::vector<slot_number> const& numbers)
    {
        for (auto const number : numbers) bytes_ += text_of(key_of(number));
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size() / 16; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return {bytes_.data() + i * 16, 16}; }

    class iterator {
    public:
        explicit iterator(char const* at) : at_{at} {}
        std::string_view operator*() const { return {at_, 16}; }
        iterator& operator++()
        {
            at_ += 16;
            return *this;
        }
        bool operator!=(iterator const& other) const { return at_ != other.at_; }

    private:
        char const* at_;
    };
    [[nodiscard]] iterator begin() const { return iterator{bytes_.data()}; }
    [[nodiscard]] iterator end() const { return iterator{bytes_.data() + bytes_.size()}; }

private:
    std::string bytes_;
};

/// In a function of its own, as the next one: `get_to` is compiled otherwise where more stands beside it.
template <class Floor>
[[gnu::noinline]] void integers_by_hand(std::size_t entries, std::vector<slot_number> const& numbers,
                                        std::vector<std::uint64_t> const& keys, Floor const& floor)
{
    bench::good_hash const hash;
    bench::bare_entries<8, 8> bare{entries};
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = key_of(i);
        bare.insert(hash(key), static_cast<slot_number>(i), &key, &i);
    }
    auto const take = [](std::byte const* at) {
        std::uint64_t value;
        std::memcpy(&value, at, sizeof value);
        sum += value;
    };
    compare("by hand, integers", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    if (auto const* const at = bare.find(hash(key), &key)) take(at);
                }
            },
            floor);
    std::array<std::uint64_t, 16> hashes{};
    compare("batches of 16 by hand, integers", entries, keys.size() / 16 * 16,
            [&] {
                for (std::size_t i = 0; i + 16 <= keys.size(); i += 16) {
                    for (std::size_t j = 0; j < 16; ++j) bare.prefetch_index(hashes[j] = hash(keys[i + j]));
                    for (auto const each : hashes) bare.prefetch(each);
                    for (std::size_t j = 0; j < 16; ++j) {
                        if (auto const* const at = bare.find(hashes[j], &keys[i + j])) take(at);
                    }
                }
            },
            floor);
    compare("its lines alone, integers", entries, keys.size(),
            [&] {
                for (std::size_t i = 0; i < keys.size(); ++i) take(bare.read(hash(keys[i]), numbers[i], sum));
            },
            floor);
}

void integers(std::size_t entries)
{
    using Cache = Memory<std::uint64_t, std::uint64_t>;
    stack<Cache> cache{Cache{.max_entries = entries}};
    bench::flat_map<std::uint64_t, std::uint64_t> map;
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = key_of(i);
        static_cast<void>(cache.put(key, i));
        map[key] = i;
    }
    auto const numbers = chosen(entries, 1000000);
    std::vector<std::uint64_t> keys;
    for (auto const number : numbers) keys.push_back(key_of(number));
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
    integers_by_hand(entries, numbers, keys, floor);
}

template <class Floor>
[[gnu::noinline]] void strings_by_hand(std::size_t entries, std::vector<slot_number> const& numbers,
                                       texts_of const& keys, Floor const& floor)
{
    bench::good_hash const hash;
    bench::bare_entries<16, 64> bare{entries};
    std::string value(64, 'v');
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = text_of(key_of(i));
        bare.insert(hash(key), static_cast<slot_number>(i), key.data(), value.data());
    }
    auto const take = [&](std::byte const* at) {
        std::memcpy(value.data(), at, 64);
        sum += value.size();
    };
    compare("by hand, 16 and 64 bytes", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    if (auto const* const at = bare.find(hash(key), key.data())) take(at);
                }
            },
            floor);
    compare("the same, sizes from the entry", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    value.assign(bare.find_sized(hash(key), key));
                    sum += value.size();
                }
            },
            floor);
    compare("its lines alone, 16 and 64 bytes", entries, keys.size(),
            [&] {
                for (std::size_t i = 0; i < keys.size(); ++i) take(bare.read(hash(keys[i]), numbers[i], sum));
            },
            floor);
}

void strings(std::size_t entries)
{
    stack<Memory<>> cache{Memory<>{.max_entries = entries}};
    bench::flat_map<std::string, std::string> map;
    for (std::size_t i = 0; i < entries; ++i) {
        auto const key = text_of(key_of(i));
        static_cast<void>(cache.put(key, std::string(64, 'v')));
        map[key] = std::string(64, 'v');
    }
    auto const numbers = chosen(entries, 200000);
    texts_of const keys{numbers};
    std::string value;
    std::string other;
    auto const floor = [&] {
        for (auto const key : keys) {
            if (auto const at = map.find(key); at != map.end()) {
                other.assign(at->second);
                sum += other.size();
            }
        }
    };
    compare("get_to, 16 and 64 bytes", entries, keys.size(),
            [&] {
                for (auto const key : keys) {
                    if (cache.get_to(key, value)) sum += value.size();
                }
            },
            floor);
    std::vector<std::string_view> batch(16);
    compare("get_many of 16, 16 and 64 bytes", entries, keys.size() / 16 * 16,
            [&] {
                for (std::size_t i = 0; i + 16 <= keys.size(); i += 16) {
                    for (std::size_t j = 0; j < 16; ++j) batch[j] = keys[i + j];
                    for (auto const& found : cache.get_many(batch)) sum += found->size();
                }
            },
            floor);
    strings_by_hand(entries, numbers, keys, floor);
}

/// Bytes that an entry of 16 takes beside those, in a full cache that has evicted as many as it holds.
template <class Eviction> void overhead(char const* what, std::size_t entries)
{
    using Cache = Memory<std::uint64_t, std::uint64_t, Eviction>;
    stack<Cache> cache{Cache{.max_entries = entries}};
    for (std::size_t i = 0; i < 2 * entries; ++i) static_cast<void>(cache.put(i * 0x9E3779B97F4A7C15u, i));
    auto const memory = cache.template layer<Cache>().statistics();
    auto const number = static_cast<double>(memory.entries);
    auto const each = [&](std::size_t bytes) { return static_cast<double>(bytes) / number; };
    std::printf("overhead, %-24s %9zu %8.2f bytes an entry (index %.2f, order %.2f, free places %.2f)\n", what, entries,
                each(memory.bytes()) - 16, each(memory.index_bytes), each(memory.order_bytes),
                each(memory.entry_bytes) - 16);
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t largest = 4000000;
    std::string_view only;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--only" && i + 1 < argc) {
            only = argv[++i];
        } else if (word == "--rounds" && i + 1 < argc) {
            rounds = std::atoi(argv[++i]);
        } else {
            largest = std::strtoull(argv[i], nullptr, 10);
        }
    }
    auto const wanted = [&](std::string_view what) { return only.empty() || only == what; };
    std::printf("%-34s %9s %8s %8s %6s %7s %7s\n", "", "entries", "ns", "floor", "ratio", "instr.", "floor");
    for (std::size_t const entries : {std::size_t{1000}, std::size_t{100000}, largest}) {
        if (entries > largest) continue;
        if (wanted("integers")) integers(entries);
        if (wanted("strings")) strings(entries);
        if (wanted("overhead")) {
            overhead<Sieve>("Sieve", entries);
            overhead<S3Fifo>("S3Fifo", entries);
            overhead<Lru>("Lru", entries);
            overhead<AdaptiveS3Fifo>("the default", entries);
        }
    }
    return sum == 0 && wanted("integers") ? 1 : 0;
}
