#include "support/cases.hpp"
#include "support/entries.hpp"
#include "support/figures.hpp"
#include "support/pair_of_threads.hpp"

#include <strata/eviction/lru.hpp>
#include <strata/strata.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What `Sharded` costs one thread beside `OneThread`, and what a second thread adds.
///
///     memory_threads [entries]
///
/// All stores run in turn in one process, in short rounds, and each twice, of which the second time counts. Every few
/// rounds they are made anew, since the seed of a store decides how its entries lie. A time is the median of the
/// rounds; a ratio is that of times in the same round, its median before its quartiles. With writes, so many in a
/// thousand operations are a `put` of a key that is there, and the rest are hits. "machine" is what two threads reach
/// that share nothing, with a `OneThread` store for each: no more can be had of it at the time.
///
/// `memory_threads --callgrind CASE TIMES` does one case and nothing else (tools/instructions).

namespace {

using namespace strata;
using bench::entry;

constexpr int rounds = 45;
constexpr int rounds_of_seed = 3;
constexpr std::size_t operations = 200000;

/// The requests of one thread: the number of a key, twice, and one more where it is written.
class load {
public:
    load(std::size_t entries, std::size_t writes, std::uint64_t seed)
    {
        detail::random_bits random{seed};
        requests_.reserve(operations);
        for (std::size_t i = 0; i < operations; ++i) {
            auto const number = static_cast<std::uint32_t>(random.below(entries));
            requests_.push_back(2 * number + (random.below(1000) < writes ? 1 : 0));
        }
    }

    template <class Key, class Store> void run(Store& store) const
    {
        Key value{};
        std::uint64_t found = 0;
        for (auto const request : requests_) {
            auto const key = entry<Key>::key(request / 2);
            if (request % 2 != 0) [[unlikely]] {
                write<Key>(store, key);
            } else if (store.get_to(entry<Key>::view(key), value)) {
                found += entry<Key>::use(value);
            }
        }
        if (found == 0) throw std::runtime_error{"nothing was found"};
    }

private:
    /// Apart, so that the loop of those that only read is the loop of a reader.
    template <class Key, class Store> [[gnu::noinline]] static void write(Store& store, auto const& key)
    {
        static_cast<void>(store.put(entry<Key>::view(key), entry<Key>::value()));
    }

    std::vector<std::uint32_t> requests_;
};

template <class Key, class Eviction, class Threads> using store_of = stack<Memory<Key, Key, Eviction, Threads>>;

template <class Key, class Store> void fill(Store& store, std::size_t entries)
{
    for (std::size_t i = 0; i < entries; ++i) {
        store.put(entry<Key>::view(entry<Key>::key(i)), entry<Key>::value()).value();
    }
}

template <class Key, class Eviction> void compare(char const* eviction, std::size_t entries, std::size_t writes)
{
    std::optional<store_of<Key, Eviction, OneThread>> alone;
    std::optional<store_of<Key, Eviction, OneThread>> others;
    std::optional<store_of<Key, Eviction, Sharded>> shared;
    load const here{entries, writes, 1};
    load const there{entries, writes, 2};
    bench::pair_of_threads threads;

    bench::figures one_thread, sharded, two, ratio, scaling, ceiling;
    auto const second_time = [](auto const& measure) { // so that each finds the caches as it leaves them itself
        measure();
        return measure();
    };
    for (int i = 0; i < rounds; ++i) {
        if (i % rounds_of_seed == 0) {
            fill<Key>(alone.emplace(), entries);
            fill<Key>(others.emplace(), entries);
            fill<Key>(shared.emplace(), entries);
        }
        auto const t_alone = second_time([&] { return threads.alone([&] { here.run<Key>(*alone); }); });
        auto const t_sharded = second_time([&] { return threads.alone([&] { here.run<Key>(*shared); }); });
        auto const t_two = second_time(
            [&] { return threads.both([&] { here.run<Key>(*shared); }, [&] { there.run<Key>(*shared); }); });
        auto const t_apart = second_time(
            [&] { return threads.both([&] { here.run<Key>(*alone); }, [&] { there.run<Key>(*others); }); });
        one_thread.add(t_alone / operations);
        sharded.add(t_sharded / operations);
        two.add(t_two / operations);
        ratio.add(t_sharded / t_alone);
        scaling.add(2 * t_sharded / t_two);
        ceiling.add(2 * t_alone / t_apart);
    }
    std::printf("%-8s %-9s %6zu", eviction, entry<Key>::name, writes);
    one_thread.print_time();
    sharded.print_time();
    ratio.print_ratio();
    two.print_time();
    scaling.print_ratio();
    ceiling.print_ratio();
    std::puts("");
    std::fflush(stdout);
}

/// Hits and writes of one thread, whose instructions are counted.
template <class Key, class Eviction, class Threads> void add_cases(bench::cases& all, std::string const& name)
{
    constexpr std::size_t entries = 1000;
    auto const store = std::make_shared<store_of<Key, Eviction, Threads>>();
    fill<Key>(*store, entries);
    Key value{};
    auto get = [store, value](std::size_t i) mutable {
        static_cast<void>(store->get_to(entry<Key>::view(entry<Key>::key(i % entries)), value));
    };
    for (std::size_t i = 0; i < 1000 * entries; ++i) get(i); // until readers need no fence
    all.add(name + "_get", get);
    all.add(name + "_put", [store](std::size_t i) {
        static_cast<void>(store->put(entry<Key>::view(entry<Key>::key(i % entries)), entry<Key>::value()));
    });
}

void print(std::size_t entries)
{
    std::printf("%zu entries, nanoseconds for each operation\n", entries);
    std::printf("%-8s %-9s %6s %8s %8s   %-16s %8s   %-16s   %s\n", "", "", "writes", "OneThr.",
                "Sharded", "ratio", "two thr.", "scaling", "machine");
    for (std::size_t const writes : {0u, 10u, 100u}) {
        compare<std::uint64_t, AdaptiveS3Fifo>("default", entries, writes);
        compare<std::string, AdaptiveS3Fifo>("default", entries, writes);
    }
    compare<std::uint64_t, Lru>("Lru", entries, 0);
    compare<std::string, Lru>("Lru", entries, 0);
}

} // namespace

int main(int argc, char** argv)
try {
    std::string_view const mode = argc > 1 ? argv[1] : "";
    if (mode != "--list" && mode != "--callgrind") {
        print(argc > 1 ? std::stoul(argv[1]) : 100000);
        return 0;
    }
    bench::cases all;
    add_cases<std::uint64_t, AdaptiveS3Fifo, OneThread>(all, "one_integers");
    add_cases<std::uint64_t, AdaptiveS3Fifo, Sharded>(all, "sharded_integers");
    add_cases<std::string, AdaptiveS3Fifo, OneThread>(all, "one_strings");
    add_cases<std::string, AdaptiveS3Fifo, Sharded>(all, "sharded_strings");
    add_cases<std::uint64_t, Lru, OneThread>(all, "one_lru");
    add_cases<std::uint64_t, Lru, Sharded>(all, "sharded_lru");
    if (mode == "--list") {
        all.print_names();
    } else {
        all.run(argv[2], std::stoul(argv[3]));
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
