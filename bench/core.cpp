/// What the stack itself costs: a cache written by hand, with a prefix set at run time and counters, against the same
/// composed of layers. Both stand on the same hash map. `bench.core --help` tells how to call it.

#include "support/cases.hpp"
#include "support/counters.hpp"
#include "support/samples.hpp"
#include "support/table_store.hpp"

#include <strata/strata.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace strata;
using bench::Table;

/// The cache that somebody writes who wants exactly this and no more.
class by_hand {
    template <class F> decltype(auto) joined(std::string_view key, F&& f)
    {
        std::size_t const size = prefix_.size() + key.size();
        if (size > 256) return f(std::string_view{prefix_ + std::string{key}});
        char buffer[256];
        std::memcpy(buffer, prefix_.data(), prefix_.size());
        std::memcpy(buffer + prefix_.size(), key.data(), key.size());
        return f(std::string_view{buffer, size});
    }

public:
    explicit by_hand(std::string prefix) : prefix_{std::move(prefix)} {}

    bool get_to(std::string_view key, std::string& out)
    {
        return joined(key, [&](std::string_view whole) {
            auto const* const value = table_.find(whole);
            ++(value ? hits_ : misses_);
            if (value) out.assign(*value);
            return value != nullptr;
        });
    }

    std::optional<std::string> get(std::string_view key)
    {
        return joined(key, [&](std::string_view whole) -> std::optional<std::string> {
            auto const* const value = table_.find(whole);
            ++(value ? hits_ : misses_);
            if (!value) return std::nullopt;
            return *value;
        });
    }

    std::vector<std::optional<std::string>> get_many(std::vector<std::string> const& keys)
    {
        std::vector<std::optional<std::string>> found;
        found.reserve(keys.size());
        for (std::string const& key : keys) found.push_back(get(key));
        return found;
    }

    void put(std::string_view key, std::string_view value)
    {
        joined(key, [&](std::string_view whole) { table_.put(whole, value); });
        ++puts_;
    }

private:
    bench::table table_;
    std::string prefix_;
    std::uint64_t hits_ = 0, misses_ = 0, puts_ = 0;
};

using Bare = stack<Table>;
using Composed = stack<Table>::with<Prefix>::with<Stats>;
using Tall = stack<Table>::with<FixedPrefix<"b.">>::with<FixedPrefix<"a.">>::with<Stats>::with<Prefix>::with<Stats>;

constexpr std::size_t entries = 1024; // a power of two
constexpr std::size_t many = 64;
constexpr std::size_t caches = 4;

/// Keys and values that the optimizer cannot see through.
struct data {
    std::vector<std::string> keys, absent, values;
    std::vector<std::vector<std::string>> batches;

    data()
    {
        for (std::size_t i = 0; i < entries; ++i) {
            keys.push_back("key:" + std::to_string(1'000'000 + i));
            absent.push_back("none:" + std::to_string(1'000'000 + i));
            values.push_back(std::string(64, static_cast<char>('a' + i % 26)));
        }
        for (std::size_t at = 0; at < entries; at += many) {
            auto const first = keys.begin() + static_cast<std::ptrdiff_t>(at);
            batches.emplace_back(first, first + static_cast<std::ptrdiff_t>(many));
        }
    }
};

template <class T> void keep(T& object) { asm volatile("" : : "r"(&object) : "memory"); }

template <class Cache> void add_cases(bench::cases& all, std::string const& name, Cache& cache, data const& d)
{
    for (std::size_t i = 0; i < entries; ++i) static_cast<void>(cache.put(d.keys[i], d.values[i]));

    all.add("get_to_" + name, [&, out = std::string(64, '\0')](std::size_t i) mutable {
        auto const found = cache.get_to(d.keys[i % entries], out);
        keep(found);
        keep(out);
    });
    all.add("get_" + name, [&](std::size_t i) {
        auto const found = cache.get(d.keys[i % entries]);
        keep(found);
    });
    all.add("miss_" + name, [&, out = std::string(64, '\0')](std::size_t i) mutable {
        auto const found = cache.get_to(d.absent[i % entries], out);
        keep(found);
    });
    all.add("put_" + name, [&](std::size_t i) {
        static_cast<void>(cache.put(d.keys[i % entries], d.values[i % entries]));
        keep(cache);
    });
    all.add("get_many_" + name, [&](std::size_t i) {
        auto const found = cache.get_many(d.batches[i % (entries / many)]);
        keep(found);
    });
}

void print(bench::cases const& all)
{
    constexpr int rounds = 9;
    bench::instruction_counter const counter;
    std::printf("%-20s %9s %7s %9s %9s\n", "case", "ns", "ratio", "instr.", "allocs");
    std::vector<std::vector<double>> ns(all.all().size());
    std::vector<std::optional<double>> instructions(ns.size());
    std::vector<double> allocations(ns.size());
    for (int round = 0; round <= rounds; ++round) { // the first only warms up
        for (std::size_t i = 0; i < ns.size(); ++i) {
            auto const& each = all.all()[i];
            std::size_t const times = each.name.starts_with("get_many") ? 1'000 : 20'000;
            auto const before = bench::allocations;
            auto const counted = counter.read();
            auto const start = std::chrono::steady_clock::now();
            each.run(times);
            std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
            auto const all_times = static_cast<double>(times);
            if (auto const now = counter.read(); now && counted) {
                instructions[i] = static_cast<double>(*now - *counted) / all_times;
            }
            allocations[i] = static_cast<double>(bench::allocations - before) / all_times;
            if (round > 0) ns[i].push_back(time.count() / all_times);
        }
    }
    // The caches stand one after the other, each with the same operations.
    std::size_t const operations = ns.size() / caches;
    for (std::size_t operation = 0; operation < operations; ++operation) {
        double const by_hand = bench::median(ns[operation]);
        for (std::size_t i = operation; i < ns.size(); i += operations) {
            double const each = bench::median(ns[i]);
            std::printf("%-20s %9.1f %7.2f ", all.all()[i].name.c_str(), each, each / by_hand);
            instructions[i] ? std::printf("%9.0f", *instructions[i]) : std::printf("%9s", "-");
            std::printf(" %9.2f\n", allocations[i]);
        }
    }
    std::printf("\nns: median of %d rounds; ratio: to the one by hand; instr.: user instructions%s\n"
                "get_many: %zu keys a call; strata: %s; bare: %s; tall: %s\n",
                rounds, counter.read() ? "" : " (not counted by this machine: tools/instructions core)", many,
                std::string{Composed::describe()}.c_str(), std::string{Bare::describe()}.c_str(),
                std::string{Tall::describe()}.c_str());
}

/// Bytes of a stack beyond the store: the state of its layers.
void print_sizes()
{
    std::printf("\nsizeof the store %zu, by hand %zu, %s %zu, %s %zu\n", sizeof(Table::store), sizeof(by_hand),
                std::string{Bare::describe()}.c_str(), sizeof(Bare), std::string{Composed::describe()}.c_str(),
                sizeof(Composed));
    std::printf("sizeof outcomes: lookup<void> %zu, lookup<std::string> %zu (optional<std::string> %zu), status %zu\n",
                sizeof(lookup<void>), sizeof(lookup<std::string>), sizeof(std::optional<std::string>), sizeof(status));
}

} // namespace

int main(int argc, char** argv)
try {
    std::string_view const mode = argc > 1 ? argv[1] : "";
    if (mode == "--help" || (argc > 1 && mode != "--list" && !(mode == "--callgrind" && argc == 4))) {
        std::puts("usage: bench.core [--list | --callgrind CASE TIMES]\n\n"
                  "A cache written by hand against stack<Table>::with<Prefix>::with<Stats>, over the same hash map.\n\n"
                  "  --list                   names the cases\n"
                  "  --callgrind CASE TIMES   does one case so often and nothing else (for tools/instructions)");
        return mode == "--help" ? 0 : 2;
    }

    data const d;
    bench::cases all;
    by_hand hand{"prefix."};
    Composed composed{Prefix{"prefix."}};
    Bare bare;
    Tall tall{Prefix{"c."}};
    add_cases(all, "hand", hand, d);
    add_cases(all, "strata", composed, d);
    add_cases(all, "strata_bare", bare, d);
    add_cases(all, "strata_tall", tall, d);

    if (mode == "--list") {
        all.print_names();
    } else if (mode == "--callgrind") {
        all.run(argv[2], std::stoul(argv[3]));
    } else {
        print(all);
        print_sizes();
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
