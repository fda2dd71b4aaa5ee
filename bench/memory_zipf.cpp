#include "support/cases.hpp"
#include "support/entries.hpp"
#include "support/figures.hpp"
#include "support/flat_map.hpp"
#include "support/progress.hpp"
#include "support/zipf.hpp"

#include <strata/strata.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What `Memory` costs where keys come by Zipf's law (0.99) and a tenth of them fits: get, and put on a miss.
///
///     memory_zipf [--only integers|strings] [--rounds N] [entries ...]
///
/// "keeps all" is the floor: a hash map in which all keys are, so that it never misses. "by hand" is the same map with
/// a ring of its keys, the simplest eviction that there is, and as large as the cache.
///
/// Requests do not repeat: each round goes on where the one before ended, with the same requests for all three. The
/// first half of a round is not timed, so that each finds the processor's caches as it leaves them itself. Before the
/// first round come as many requests as there are keys, ten for each entry of the cache; then the floor takes the keys
/// that have not come. A time is the median of the rounds, for one request; a ratio is that of times in the same round,
/// its median before its quartiles.
///
/// `memory_zipf --callgrind CASE TIMES` does one case and nothing else (tools/instructions), in which the cache has as
/// many entries as are given before, or 1,000.

namespace {

using namespace strata;
using bench::entry;

constexpr std::size_t requests_of_round = 500000; // timed, and as many before

/// Keeps all keys.
template <class Key> class keeps_all {
public:
    static constexpr char const* name = "keeps all";

    explicit keeps_all(std::size_t) {}

    void ask(std::uint64_t number)
    {
        auto const key = entry<Key>::key(number);
        auto at = map_.find(entry<Key>::view(key));
        if (at == map_.end()) [[unlikely]] {
            ++misses;
            at = map_.emplace(entry<Key>::view(key), entry<Key>::value()).first;
        }
        value_ = at->second;
        found += entry<Key>::use(value_);
    }

    std::uint64_t misses = 0;
    std::uint64_t found = 0;

private:
    bench::flat_map<Key, Key> map_;
    Key value_{};
};

/// The least that a bounded cache can do by hand: the floor's map, and a ring that says which key came first.
template <class Key> class by_hand {
public:
    static constexpr char const* name = "by hand";

    explicit by_hand(std::size_t entries) : entries_{entries}
    {
        map_.reserve(entries);
        ring_.reserve(entries);
    }

    void ask(std::uint64_t number)
    {
        auto const key = entry<Key>::key(number);
        auto const view = entry<Key>::view(key);
        if (auto const at = map_.find(view); at != map_.end()) {
            value_ = at->second;
        } else {
            ++misses;
            insert(view);
        }
        found += entry<Key>::use(value_);
    }

    std::uint64_t misses = 0;
    std::uint64_t found = 0;

private:
    void insert(auto const& key)
    {
        if (ring_.size() < entries_) {
            ring_.emplace_back(key);
        } else {
            auto& oldest = ring_[next_];
            map_.erase(oldest);
            oldest = key;
            if (++next_ == entries_) next_ = 0;
        }
        map_.emplace(key, entry<Key>::value());
    }

    bench::flat_map<Key, Key> map_;
    std::vector<Key> ring_;
    std::size_t next_ = 0;
    std::size_t entries_;
    Key value_{};
};

template <class Key> class strata_memory {
    using Cache = Memory<Key, Key>;

public:
    static constexpr char const* name = "Memory";

    explicit strata_memory(std::size_t entries) : cache_{Cache{.max_entries = entries}} {}

    void ask(std::uint64_t number)
    {
        auto const key = entry<Key>::key(number);
        auto const view = entry<Key>::view(key);
        if (!cache_.get_to(view, value_)) {
            ++misses;
            static_cast<void>(cache_.put(view, entry<Key>::value()));
        }
        found += entry<Key>::use(value_);
    }

    std::uint64_t misses = 0;
    std::uint64_t found = 0;

private:
    stack<Cache> cache_;
    Key value_{};
};

using requests = std::vector<std::uint32_t>; // numbers of keys

void draw(requests& into, bench::zipf_ranks& ranks)
{
    for (auto& number : into) number = static_cast<std::uint32_t>(ranks());
}

/// Not inlined, so that what else is done here does not take its registers.
template <class Side> [[gnu::noinline]] void ask_all(Side& side, requests const& numbers)
{
    for (auto const number : numbers) side.ask(number);
}

/// Every number below `count` once, in no order that the load knows. `count` is less than the factor, a prime.
template <class F> void for_each_scattered(std::uint64_t count, F&& f)
{
    for (std::uint64_t i = 0; i < count; ++i) f(i * 4294967291u % count);
}

/// One of the three, and what it took.
template <class Side> struct measured {
    explicit measured(std::size_t entries) : side{entries} {}

    void warm(requests const& numbers) { ask_all(side, numbers); }

    double round(requests const& lead, requests const& timed)
    {
        ask_all(side, lead);
        auto const misses_before = side.misses;
        auto const start = std::chrono::steady_clock::now();
        ask_all(side, timed);
        std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
        misses += side.misses - misses_before;
        asked += timed.size();
        auto const each = time.count() / static_cast<double>(timed.size());
        times.add(each);
        return each;
    }

    void print(char const* what, std::size_t entries, bench::figures* ratios)
    {
        std::printf("%-9s %9zu   %-10s %5.1f %%", what, entries, Side::name,
                    100 - 100 * static_cast<double>(misses) / static_cast<double>(asked));
        times.print_time();
        if (ratios != nullptr) ratios->print_ratio();
        std::puts("");
    }

    Side side;
    bench::figures times;
    std::uint64_t misses = 0;
    std::uint64_t asked = 0;
};

template <class Key> void compare(std::size_t entries, int rounds)
{
    bench::zipf_ranks ranks{10 * entries, 0.99, 3};
    measured<keeps_all<Key>> floor{entries};
    measured<strata_memory<Key>> ours{entries};
    measured<by_hand<Key>> hand{entries};
    bench::progress progress{static_cast<std::size_t>(rounds) + 1};
    progress.step("before the first round");
    requests timed(std::max<std::size_t>(10 * entries, 1000000));
    draw(timed, ranks);
    floor.warm(timed);
    ours.warm(timed);
    hand.warm(timed);
    for_each_scattered(10 * entries, [&](std::uint64_t number) { floor.side.ask(number); });

    bench::figures ours_to_floor;
    bench::figures hand_to_floor;
    requests lead(requests_of_round);
    timed.resize(requests_of_round);
    for (int i = 0; i < rounds; ++i) {
        progress.step("rounds");
        draw(lead, ranks);
        draw(timed, ranks);
        auto const least = floor.round(lead, timed);
        ours_to_floor.add(ours.round(lead, timed) / least);
        hand_to_floor.add(hand.round(lead, timed) / least);
    }
    progress.clear();
    floor.print(entry<Key>::name, entries, nullptr);
    ours.print(entry<Key>::name, entries, &ours_to_floor);
    hand.print(entry<Key>::name, entries, &hand_to_floor);
    std::fflush(stdout);
    if (floor.side.found + ours.side.found + hand.side.found == 0) throw std::runtime_error{"nothing was found"};
}

/// Requests by Zipf's law, whose instructions are counted: `times` of them, so that twice as many are others.
template <class Side> void add_cases(bench::cases& all, std::string const& name, std::size_t entries)
{
    auto const side = std::make_shared<Side>(entries);
    auto const ranks = std::make_shared<bench::zipf_ranks>(10 * entries, 0.99, 3);
    auto const numbers = std::make_shared<requests>(10 * entries);
    draw(*numbers, *ranks);
    ask_all(*side, *numbers);
    for_each_scattered(10 * entries, [&](std::uint64_t number) {
        if constexpr (std::string_view{Side::name} == "keeps all") side->ask(number);
    });
    numbers->resize(requests_of_round);
    draw(*numbers, *ranks);
    all.add(name, [side, numbers](std::size_t i) { side->ask((*numbers)[i % requests_of_round]); });
    // Keys that never came before, one after the other.
    all.add(name + "_miss", [side, entries](std::size_t i) { side->ask(10 * entries + i); });
}

template <class Key> void add_all(bench::cases& all, std::size_t entries)
{
    std::string const name = entry<Key>::name;
    add_cases<keeps_all<Key>>(all, name + "_keeps_all", entries);
    add_cases<strata_memory<Key>>(all, name + "_memory", entries);
    add_cases<by_hand<Key>>(all, name + "_by_hand", entries);
}

} // namespace

int main(int argc, char** argv)
try {
    int rounds = 15;
    std::string_view only;
    std::string_view one_case;
    std::size_t times = 0;
    bool list = false;
    std::vector<std::size_t> sizes;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--only" && i + 1 < argc) {
            only = argv[++i];
        } else if (word == "--rounds" && i + 1 < argc) {
            rounds = std::atoi(argv[++i]);
        } else if (word == "--list") {
            list = true;
        } else if (word == "--callgrind" && i + 2 < argc) {
            one_case = argv[++i];
            times = std::stoul(argv[++i]);
        } else {
            sizes.push_back(std::stoul(argv[i]));
        }
    }
    if (list || !one_case.empty()) {
        bench::cases all;
        auto const entries = sizes.empty() ? 1000 : sizes.front();
        if (list || one_case.starts_with("integers")) add_all<std::uint64_t>(all, entries);
        if (list || one_case.starts_with("strings")) add_all<std::string>(all, entries);
        if (list) {
            all.print_names();
        } else {
            all.run(one_case, times);
        }
        return 0;
    }
    if (sizes.empty()) sizes = {1000, 100000, 1000000};
    std::printf("%-9s %9s   %-10s %7s %8s   %s\n", "", "entries", "", "hits", "ns", "ratio");
    for (auto const entries : sizes) {
        if (only.empty() || only == "integers") compare<std::uint64_t>(entries, rounds);
        if (only.empty() || only == "strings") compare<std::string>(entries, rounds);
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
