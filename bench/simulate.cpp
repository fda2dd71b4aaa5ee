#include "support/curves.hpp"
#include "support/trace.hpp"
#include "support/trained.hpp"

#include <strata/strata.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Replays traces through `Memory` and prints the miss ratios of all evictions beside Belady's optimum.
///
///     simulate [--fractions 0.001,0.01,0.1] [--bound] [--svg FILE] TRACE…
///
/// A trace has one key a line, any text, plain or compressed with zstd. Sizes are fractions of its footprint, the
/// number of its distinct keys; those of less than twenty entries are left out. With `--bound`, what `bench::trained`
/// reaches stands beside them, which knows more than an eviction can. With `--svg`, the curves of all traces are drawn
/// into the file, one chart for each trace.

namespace {

using namespace strata;

using requests = std::vector<std::uint32_t>;

template <class Eviction> double miss_ratio(requests const& trace, std::size_t entries)
{
    using Cache = Memory<std::uint32_t, char, Eviction>;
    stack<Cache> cache{Cache{.max_entries = entries}};
    std::size_t misses = 0;
    for (auto const key : trace) {
        if (cache.get(key)) continue;
        ++misses;
        static_cast<void>(cache.put(key, char{}));
    }
    return static_cast<double>(misses) / static_cast<double>(trace.size());
}

/// The least possible: what is asked for again last goes, the new entry included (Belady 1966).
double optimum(requests const& trace, std::size_t entries)
{
    auto const never = trace.size();
    std::vector<std::size_t> next(trace.size());
    std::unordered_map<std::uint32_t, std::size_t> seen;
    for (std::size_t i = trace.size(); i-- > 0;) {
        auto const [at, fresh] = seen.try_emplace(trace[i], i);
        next[i] = fresh ? never : std::exchange(at->second, i);
    }
    std::set<std::pair<std::size_t, std::uint32_t>> by_next;
    std::unordered_map<std::uint32_t, std::size_t> next_of;
    std::size_t misses = 0;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        auto const at = next_of.find(trace[i]);
        if (at != next_of.end()) {
            by_next.erase({at->second, trace[i]});
        } else {
            ++misses;
            if (next_of.size() == entries) {
                auto const last = std::prev(by_next.end());
                next_of.erase(last->second);
                by_next.erase(last);
            }
        }
        next_of[trace[i]] = next[i];
        by_next.emplace(next[i], trace[i]);
    }
    return static_cast<double>(misses) / static_cast<double>(trace.size());
}

double bound(requests const& trace, std::size_t entries) { return bench::trained{trace, entries}.miss_ratio(); }

struct candidate {
    char const* name;
    double (*run)(requests const&, std::size_t);
};
std::vector<candidate> const known = {
    {"Fifo", miss_ratio<Fifo>},       {"Random", miss_ratio<Random>}, {"Lru", miss_ratio<Lru>},
    {"Lfu", miss_ratio<Lfu>},         {"Sieve", miss_ratio<Sieve>},   {"S3Fifo", miss_ratio<S3Fifo>},
    {"TinyLfu", miss_ratio<TinyLfu>}, {"Adaptive", miss_ratio<AdaptiveS3Fifo>}, {"Trained", bound}, {"Belady", optimum},
};
constexpr auto is_bound = [](auto const& each) { return std::string_view{each.name} == "Trained"; };

/// How their curves are drawn: the default stands out, and so does what no eviction can pass.
std::vector<bench::curve_style> styles()
{
    return {{"Fifo", "#999999", 1.5, ""},    {"Random", "#b8860b", 1.5, ""},  {"Lru", "#0066cc", 1.5, ""},
            {"Lfu", "#a03aa0", 1.5, ""},     {"Sieve", "#00882a", 1.5, ""},   {"S3Fifo", "#00aaaa", 1.5, ""},
            {"TinyLfu", "#cc6600", 1.5, ""}, {"AdaptiveS3Fifo", "#e0004d", 3, ""}, {"Trained", "#000000", 1.5, "2 3"},
            {"Belady", "#000000", 1.5, "5 3"}};
}

std::vector<double> fractions_from(std::string_view list)
{
    std::vector<double> fractions;
    for (std::size_t at = 0; at <= list.size();) {
        auto const end = std::min(list.find(',', at), list.size());
        double fraction = 0;
        auto const [stop, error] = std::from_chars(list.data() + at, list.data() + end, fraction);
        if (error != std::errc{} || stop != list.data() + end || !(fraction > 0 && fraction <= 1)) {
            throw std::runtime_error{"--fractions: numbers above 0 up to 1, with commas between them"};
        }
        fractions.push_back(fraction);
        at = end + 1;
    }
    std::sort(fractions.begin(), fractions.end());
    return fractions;
}

void run(int argc, char** argv)
{
    std::vector<double> fractions{0.001, 0.01, 0.1};
    bool with_bound = false;
    std::optional<bench::curves> svg;
    std::vector<std::string> files;
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        if (argument == "--fractions" && i + 1 < argc) {
            fractions = fractions_from(argv[++i]);
        } else if (argument == "--bound") {
            with_bound = true;
        } else if (argument == "--svg" && i + 1 < argc) {
            svg.emplace(argv[++i]);
        } else if (argument.starts_with("--")) {
            throw std::runtime_error{"usage: simulate [--fractions 0.001,0.01,0.1] [--bound] [--svg FILE] TRACE..."};
        } else {
            files.emplace_back(argument);
        }
    }
    if (files.empty()) files.emplace_back("bench/traces/cache2k_web12.txt.zst");

    auto candidates = known;
    auto drawn = styles();
    if (!with_bound) {
        std::erase_if(candidates, is_bound);
        std::erase_if(drawn, is_bound);
    }

    std::printf("%-24s %8s %8s", "trace", "fraction", "entries");
    for (auto const& c : candidates) std::printf(" %8s", c.name);
    std::printf("\n");

    std::vector<bench::curve_panel> panels;
    std::map<double, std::pair<int, std::vector<double>>> over_belady;
    for (auto const& file : files) {
        auto const trace = bench::read_numbered_trace(file);
        auto const footprint = std::set<std::uint32_t>(trace.begin(), trace.end()).size();
        auto name = file.substr(file.find_last_of('/') + 1);
        name = name.substr(0, name.find('.'));
        auto const title = name + ": miss ratio by size as a fraction of the footprint";
        auto& panel = panels.emplace_back(bench::curve_panel{title, {}});
        for (double const fraction : fractions) {
            auto const entries = static_cast<std::size_t>(fraction * static_cast<double>(footprint) + 0.5);
            if (entries < 20) continue; // a cache of so few says nothing
            std::vector<double> ratios;
            for (auto const& each : candidates) {
                std::fprintf(stderr, "\r%s, %zu entries: %-10s", name.c_str(), entries, each.name);
                ratios.push_back(each.run(trace, entries));
            }
            std::fprintf(stderr, "\r%60s\r", "");
            std::printf("%-24s %8g %8zu", name.c_str(), fraction, entries);
            for (double const ratio : ratios) std::printf(" %8.4f", ratio);
            std::printf("\n");
            auto& [count, sums] = over_belady[fraction];
            ++count;
            sums.resize(ratios.size());
            for (std::size_t k = 0; k < ratios.size(); ++k) sums[k] += ratios[k] / ratios.back();
            panel.points.emplace_back(fraction, std::move(ratios));
        }
        if (panel.points.empty()) panels.pop_back();
    }
    for (auto const& [fraction, mean] : over_belady) {
        std::printf("%-24s %8g %8s", "mean over Belady", fraction, "");
        for (double const sum : mean.second) std::printf(" %8.3f", sum / mean.first);
        std::printf("\n");
    }
    if (svg) svg->draw(panels, drawn);
}

} // namespace

int main(int argc, char** argv)
{
    try {
        run(argc, argv);
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
