#pragma once

#include "counters.hpp"
#include "progress.hpp"
#include "scale.hpp"
#include "trace.hpp"

#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/strata.hpp>

#include <boost/hana/cartesian_product.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/not_equal.hpp>
#include <boost/hana/prepend.hpp>
#include <boost/hana/transform.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// Replays a trace through a memoized function, once for each combination of layers over one store, and prints how they
/// compare. One program for each store, so that only what is asked for is compiled.
namespace bench {

namespace hana = boost::hana;
using namespace strata;

/// What a combination may have in each place, nearest the store first.
using absent = void;
constexpr auto places = hana::make_tuple(hana::tuple_t<absent, Encrypt<ChaCha20>, Encrypt<Aes256>>,
                                         hana::tuple_t<absent, Serialize<Binary>, Serialize<Json>>,
                                         hana::tuple_t<absent, Prefix>, hana::tuple_t<absent, Stats>);

/// All stacks over `Store` that take one thing, or nothing, for each place.
template <class Store> constexpr auto stacks()
{
    return hana::transform(hana::cartesian_product(places), [](auto choice) {
        auto const layers = hana::filter(choice, [](auto layer) { return layer != hana::type_c<absent>; });
        return hana::unpack(hana::prepend(layers, hana::type_c<Store>), hana::template_<stack>);
    });
}

template <class Stack, class Policy>
concept has = requires(Stack& stack) { stack.template layer<Policy>(); };

/// A stack of type `Stack` with those of the settings below that it has a place for.
template <class Stack, class Store> struct maker;
template <class Store, class... Layers> struct maker<stack<Store, Layers...>, Store> {
    static constexpr auto present = [](auto const& policy) {
        return hana::bool_c<(std::same_as<std::remove_cvref_t<decltype(policy)>, Layers> || ...)>;
    };

    static auto make(Store store)
    {
        std::string const secret = "a secret for measurements";
        auto const settings =
            hana::make_tuple(Encrypt<ChaCha20>{.secret = secret}, Encrypt<Aes256>{.secret = secret}, Prefix{"page."});
        return hana::unpack(hana::filter(settings, present), [&](auto... policies) {
            return stack<Store, Layers...>{std::move(store), std::move(policies)...};
        });
    }
};

/// What is cached: a small page, made from its number.
inline std::string page(std::uint32_t id)
{
    std::string text = "<html><title>" + std::to_string(id) + "</title><p>";
    for (std::uint32_t i = 0; i < 8 + id % 16; ++i) text += std::to_string((id + 1) * 2654435761U + i) + ' ';
    return text;
}

struct row {
    std::string name;
    std::vector<double> ns; ///< per operation, one figure a round
    std::optional<double> instructions;
    double allocations = 0;
    double hit_rate = 0;
    double bytes = 0; ///< stored per entry, key and value
};

/// What is measured. A function of its own, which tools that count from outside know by its name.
template <class Page> [[gnu::noinline]] void ask_all(std::vector<std::uint32_t> const& trace, Page&& get)
{
    for (std::uint32_t const id : trace) {
        if (get(id).empty()) std::abort();
    }
}

template <class Stack, class Store>
void replay(Store const& policy, std::vector<std::uint32_t> const& trace, instruction_counter const& counter, row& row)
{
    Stack cache = maker<Stack, Store>::make(policy);
    std::uint64_t computed = 0;
    auto cached = memoize(cache, "web.", [&computed](std::uint32_t id) {
        ++computed;
        return page(id);
    });

    std::uint64_t const allocated = allocations;
    auto const instructions = counter.read();
    auto const start = std::chrono::steady_clock::now();
    ask_all(trace, cached);
    std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;

    auto const requests = static_cast<double>(trace.size());
    row.ns.push_back(time.count() / requests);
    if (auto const now = counter.read(); now && instructions) {
        row.instructions = static_cast<double>(*now - *instructions) / requests;
    }
    row.allocations = static_cast<double>(allocations - allocated) / requests;
    row.hit_rate = 1 - static_cast<double>(computed) / requests;
}

/// Bytes that an entry takes in the store, key and value, on average over the keys of the trace.
template <class Store, class... Layers>
double weigh(hana::basic_type<stack<Store, Layers...>>, std::vector<std::uint32_t> const& trace)
{
    auto cache = maker<stack<Scale, Layers...>, Scale>::make({});
    auto cached = memoize(cache, "web.", page);
    std::unordered_set<std::uint32_t> const keys(trace.begin(), trace.end());
    for (std::uint32_t const id : keys) static_cast<void>(cached(id));
    return static_cast<double>(cache.template layer<Scale>().weighed()) / static_cast<double>(keys.size());
}

inline void print(std::vector<row> rows)
{
    std::size_t width = 5;
    double slowest = 0;
    for (row& r : rows) {
        std::ranges::sort(r.ns);
        width = std::max(width, r.name.size());
        slowest = std::max(slowest, r.ns[r.ns.size() / 2]);
    }
    auto const name_width = static_cast<int>(width);
    std::printf("%-*s %12s %9s %9s %9s %7s %9s\n", name_width, "stack", "requests/s", "ns", "instr.", "allocs", "hits",
                "bytes");
    for (row const& r : rows) {
        double const ns = r.ns[r.ns.size() / 2];
        std::printf("%-*s %12.0f %9.0f ", name_width, r.name.c_str(), 1e9 / ns, ns);
        r.instructions ? std::printf("%9.0f", *r.instructions) : std::printf("%9s", "-");
        std::printf(" %9.2f %6.1f%% %9.1f  ", r.allocations, 100 * r.hit_rate, r.bytes);
        for (int bar = static_cast<int>(30 * ns / slowest + 0.5); bar > 0; --bar) std::fputs("▇", stdout);
        std::putchar('\n');
    }
    std::printf("\nrequests/s, ns: median of %zu rounds; instr.: user instructions a request%s; allocs: allocations a request;"
                "\nhits: requests that did not call the function; bytes: stored per entry, key and value\n",
                rows.front().ns.size(), rows.back().instructions ? "" : " (not counted by this machine; see --instructions)");
}

/// The function alone, for comparison.
inline row without_cache(std::vector<std::uint32_t> const& trace, int rounds)
{
    row r;
    r.name = "(no cache)";
    for (int round = 0; round < rounds; ++round) {
        std::uint64_t const allocated = allocations;
        auto const start = std::chrono::steady_clock::now();
        ask_all(trace, page);
        std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
        r.ns.push_back(time.count() / static_cast<double>(trace.size()));
        r.allocations = static_cast<double>(allocations - allocated) / static_cast<double>(trace.size());
    }
    return r;
}

/// Calls `f(type)` for all stacks over `Store`, each on a clean store, and shows how far that is.
template <class Store, class Clean, class F> void for_each_stack(progress& shown, Clean& clean, F&& f)
{
    hana::for_each(stacks<Store>(), [&](auto type) {
        shown.step(decltype(type)::type::describe());
        clean();
        f(type);
    });
}

template <class Store, class Clean>
std::vector<row> compare(Store const& policy, std::vector<std::uint32_t> const& trace, int rounds, Clean& clean)
{
    constexpr std::size_t count = decltype(hana::length(stacks<Store>()))::value;
    std::vector<row> rows(count);
    instruction_counter const counter;
    progress shown{count * static_cast<std::size_t>(rounds + 1)};
    for (int round = 0; round <= rounds; ++round) { // the first only warms up and weighs
        std::size_t i = 0;
        for_each_stack<Store>(shown, clean, [&](auto type) {
            using stack_type = typename decltype(type)::type;
            row& r = rows[i++];
            r.name = stack_type::describe();
            if (round == 0) {
                r.bytes = weigh(type, trace);
            } else {
                replay<stack_type>(policy, trace, counter, r);
            }
        });
    }
    rows.insert(rows.begin(), without_cache(trace, rounds));
    return rows;
}

/// Each line of the table once, in its order, for a tool that counts what happens in `ask_all`.
template <class Store, class Clean>
void run_once(Store const& policy, std::vector<std::uint32_t> const& trace, Clean& clean)
{
    instruction_counter const counter;
    progress shown{decltype(hana::length(stacks<Store>()))::value};
    static_cast<void>(without_cache(trace, 1));
    for_each_stack<Store>(shown, clean, [&](auto type) {
        row unused;
        replay<typename decltype(type)::type>(policy, trace, counter, unused);
    });
}

/// The instructions of each line, from a file with a number for each.
inline void take_instructions(std::vector<row>& rows, std::string const& file, std::size_t requests)
{
    std::ifstream from{file};
    for (row& r : rows) {
        double counted = 0;
        if (!(from >> counted)) throw std::runtime_error{file + ": not a number for each line"};
        r.instructions = counted / static_cast<double>(requests);
    }
}

/// What `main` of each program does: `ENTRIES` counts for a store that is bounded. Without ROUNDS, all is run once and
/// nothing printed; INSTRUCTIONS is a file of what was counted then.
template <class MakeStore, class Clean>
int compare_main(int argc, char** argv, MakeStore&& make_store, Clean&& clean)
try {
    if (argc < 3 || argc > 5) {
        std::fprintf(stderr, "usage: %s TRACE ENTRIES [ROUNDS [INSTRUCTIONS]]\n", argv[0]);
        return 2;
    }
    auto const trace = read_trace(argv[1]);
    auto const store = make_store(std::stoul(argv[2]));
    if (argc == 3) {
        run_once(store, trace, clean);
        return 0;
    }
    std::printf("%zu requests of %s through a memoized function\n\n", trace.size(), argv[1]);
    auto rows = compare(store, trace, std::stoi(argv[3]), clean);
    if (argc == 5) take_instructions(rows, argv[4], trace.size());
    print(std::move(rows));
    return 0;
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}

} // namespace bench
