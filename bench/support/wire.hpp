#pragma once

#include "cases.hpp"
#include "client.hpp"
#include "match.hpp"
#include "progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// What the benchmarks of stores on a server measure, and how it is chosen on the command line.
class wire {
public:
    /// Reads the command line. Where it is to print help, or wrong, `transports` are not used.
    wire(int argc, char** argv)
    {
        for (int i = 1; i < argc; ++i) {
            std::string const word = argv[i];
            auto const value = [&] {
                if (++i >= argc) throw std::invalid_argument{word + ": a value is missing (see --help)"};
                return std::string{argv[i]};
            };
            if (word == "--help" || word == "-h") {
                help_ = true;
            } else if (word == "--list") {
                list_ = true;
            } else if (word == "--ceiling") {
                ceiling_ = true;
            } else if (word == "--only") {
                only_ = value();
            } else if (word == "--transport") {
                transport_ = value();
            } else if (word == "--size") {
                sizes_ = {std::stoul(value())};
            } else if (word == "--threads") {
                threads_ = {std::stoul(value())};
            } else if (word == "--batch") {
                batches_ = {std::stoul(value())};
            } else if (word == "--rounds") {
                rounds_ = std::stoul(value());
            } else if (word == "--milliseconds") {
                each_ = std::chrono::milliseconds{std::stoi(value())};
            } else if (word == "--callgrind") {
                alone_ = value();
                times_ = std::stoul(value());
            } else {
                throw std::invalid_argument{word + ": not known (see --help)"};
            }
        }
        if (rounds_ < 1 || each_.count() < 1 || threads_[0] < 1 || batches_[0] < 1) {
            throw std::invalid_argument{"--rounds, --milliseconds, --threads and --batch must be positive"};
        }
    }

    /// The i-th of the keys that are asked for; all are of one length.
    [[nodiscard]] static std::string key_at(std::size_t i) { return "item:" + std::to_string(1'000'000 + i); }

    [[nodiscard]] bool wants_help() const noexcept { return help_; }

    static void print_help(char const* program)
    {
        std::printf("usage: %s [--only single|batch|threads] [--transport tcp|unix] [--size BYTES]\n"
                    "       [--threads N] [--batch KEYS] [--rounds N] [--milliseconds N] [--ceiling]\n"
                    "       %s [--transport T] [--size BYTES] [--batch KEYS] --list | --callgrind CASE TIMES\n\n"
                    "Starts a private server and lets contestants do the same on it in turn, round after round.\n"
                    "Rates and ratios are medians of rounds, a ratio is to the first contestant in the same round;\n"
                    "latencies are of all operations, and \"by p50\" compares their medians, which other work on the\n"
                    "machine disturbs least; allocs are allocations an operation (of a batch: a key), those of C\n"
                    "libraries included.\n\n"
                    "  --only         one of the three tables\n"
                    "  --transport    tcp or unix; both without it\n"
                    "  --size         of values (64, 1024 and 16384)\n"
                    "  --threads      (1, 2, 4, 8 and 16)\n"
                    "  --batch        keys in a batch (16, 64 and 256)\n"
                    "  --rounds       (default: 101)\n"
                    "  --milliseconds of a round of one contestant (default: 8)\n"
                    "  --ceiling      by many threads (redis): also the least that they must do on one connection\n"
                    "  --list         names the cases for --callgrind, which does one so often and nothing else\n",
                    program, program);
    }

    void run(std::vector<transport> const& all) const
    {
        if (list_ || !alone_.empty()) return one_case(all);
        if (wants("single")) single(all);
        if (wants("batch")) batch(all);
        if (wants("threads")) threads(all);
    }

private:
    /// Keys and values of one size; the keys are on the server.
    struct data {
        keys all;
        std::string value;
        std::vector<keys> key_batches;
        std::vector<entries> entry_batches;

        data(client& writer, std::size_t size, std::size_t batch) : value(size, 'v')
        {
            std::size_t const count = std::max<std::size_t>(batch, size > 4096 ? 256 : 1024);
            for (std::size_t i = 0; i < count; ++i) all.push_back(key_at(i));
            for (std::string const& key : all) writer.put(key, value);
            for (std::size_t at = 0; at + batch <= count && batch > 1; at += batch) {
                key_batches.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                                         all.begin() + static_cast<std::ptrdiff_t>(at + batch));
                entry_batches.emplace_back();
                for (std::string const& key : key_batches.back()) entry_batches.back().emplace_back(key, value);
            }
        }

        [[nodiscard]] std::string const& key(std::size_t thread, std::size_t i) const
        {
            return all[(thread * 97 + i * 7919) % all.size()];
        }
        [[nodiscard]] keys const& key_batch(std::size_t i) const { return key_batches[i % key_batches.size()]; }
        [[nodiscard]] entries const& entry_batch(std::size_t i) const
        {
            return entry_batches[i % entry_batches.size()];
        }
    };

    [[nodiscard]] bool wants(std::string_view what) const { return only_.empty() || only_ == what; }
    [[nodiscard]] bool wants(transport const& t) const { return transport_.empty() || transport_ == t.name; }

    static void print_head(char const* what)
    {
        std::printf("%-34s %-12s %10s %7s %8s %9s %9s %9s %7s\n", what, "client", "/s", "ratio", "by p50", "p50 us",
                    "p99 us", "p99.9 us", "allocs");
    }

    static void print(std::string const& what, std::vector<contestant> const& contestants, std::vector<result> results)
    {
        double const first = results[0].times.percentile(0.5);
        for (std::size_t c = 0; c < results.size(); ++c) {
            result& r = results[c];
            double const middle = r.times.percentile(0.5);
            std::printf("%-34s %-12s %10.0f %7.2f %8.2f %9.1f %9.1f %9.1f %7.2f\n", c == 0 ? what.c_str() : "",
                        contestants[c].name.c_str(), median(r.per_second), median(r.ratios), first / middle, middle,
                        r.times.percentile(0.99), r.times.percentile(0.999), r.allocations);
        }
        std::fflush(stdout);
    }

    static std::vector<contestant> those_in(table where, transport const& t)
    {
        std::vector<contestant> some;
        for (contestant const& each : t.contestants) {
            if (each.where == table::any || each.where == where) some.push_back(each);
        }
        return some;
    }

    void single(std::vector<transport> const& all) const
    {
        print_head("one at a time");
        progress shown{all.size() * sizes_.size() * 2};
        match const match{1, rounds_, each_};
        for (transport const& t : all) {
            if (!wants(t)) continue;
            auto const some = those_in(table::any, t);
            for (std::size_t const size : sizes_) {
                data const d{*some[0].connect(), size, 1};
                auto const compare = [&](std::string const& name, auto const& operation) {
                    std::string const what = name + " " + std::to_string(size) + " B, " + t.name;
                    shown.step(what);
                    auto results = match.run(some, 1, operation);
                    shown.clear();
                    print(what, some, std::move(results));
                };
                std::string out;
                compare("get", [&](client& c, std::size_t, std::size_t i) { c.get(d.key(0, i), out); });
                compare("put", [&](client& c, std::size_t, std::size_t i) { c.put(d.key(0, i), d.value); });
            }
        }
        std::putchar('\n');
    }

    void batch(std::vector<transport> const& all) const
    {
        print_head("batches (rates and ratios by key)");
        progress shown{all.size() * sizes_.size() * batches_.size() * 2};
        match const match{1, rounds_, each_};
        for (transport const& t : all) {
            if (!wants(t)) continue;
            auto const some = those_in(table::batches, t);
            for (std::size_t const size : sizes_) {
                for (std::size_t const count : batches_) {
                    data const d{*some[0].connect(), size, count};
                    auto const compare = [&](std::string const& name, auto const& operation) {
                        std::string const what =
                            name + " " + std::to_string(count) + " x " + std::to_string(size) + " B, " + t.name;
                        shown.step(what);
                        auto results = match.run(some, static_cast<double>(count), operation);
                        shown.clear();
                        print(what, some, std::move(results));
                    };
                    compare("get", [&](client& c, std::size_t, std::size_t i) { c.get_many(d.key_batch(i)); });
                    compare("put", [&](client& c, std::size_t, std::size_t i) { c.put_many(d.entry_batch(i)); });
                }
            }
        }
        std::putchar('\n');
    }

    void threads(std::vector<transport> const& all) const
    {
        print_head("get by many threads");
        progress shown{all.size() * sizes_.size() * threads_.size()};
        for (transport const& t : all) {
            if (!wants(t)) continue;
            auto const some = those_in(ceiling_ ? table::threads : table::any, t);
            for (std::size_t const size : sizes_) {
                data const d{*some[0].connect(), size, 1};
                for (std::size_t const threads : threads_) {
                    std::string const what =
                        std::to_string(threads) + " threads, " + std::to_string(size) + " B, " + t.name;
                    shown.step(what);
                    std::vector<std::string> outs(threads);
                    match const match{threads, rounds_, each_};
                    auto results = match.run(some, 1, [&](client& c, std::size_t thread, std::size_t i) {
                        c.get(d.key(thread, i), outs[thread]);
                    });
                    shown.clear();
                    print(what, some, std::move(results));
                }
            }
        }
        std::putchar('\n');
    }

    /// The cases are for the first size, batch and transport.
    void one_case(std::vector<transport> const& all) const
    {
        cases list;
        for (transport const& t : all) {
            if (!wants(t)) continue;
            auto const some = those_in(table::batches, t);
            data const d{*some[0].connect(), sizes_[0], batches_.size() > 1 ? 64 : batches_[0]};
            for (contestant const& each : some) {
                auto const connected = std::make_shared<std::shared_ptr<client>>();
                auto const add = [&](std::string const& name, auto operation) {
                    list.add(name + each.name, [connected, &each, operation](std::size_t i) mutable {
                        if (!*connected) *connected = each.connect();
                        operation(**connected, i);
                    });
                };
                std::string out;
                if (each.where == table::any) {
                    add("get_", [&d, out](client& c, std::size_t i) mutable { c.get(d.key(0, i), out); });
                    add("put_", [&d](client& c, std::size_t i) { c.put(d.key(0, i), d.value); });
                }
                add("get_many_", [&d](client& c, std::size_t i) { c.get_many(d.key_batch(i)); });
                add("put_many_", [&d](client& c, std::size_t i) { c.put_many(d.entry_batch(i)); });
            }
            list_ ? list.print_names() : list.run(alone_, times_);
            return;
        }
    }

    bool help_ = false;
    bool list_ = false;
    bool ceiling_ = false;
    std::string only_;
    std::string transport_;
    std::string alone_;
    std::size_t times_ = 0;
    std::vector<std::size_t> sizes_{64, 1024, 16384};
    std::vector<std::size_t> threads_{1, 2, 4, 8, 16};
    std::vector<std::size_t> batches_{16, 64, 256};
    std::size_t rounds_ = 101;
    std::chrono::milliseconds each_{8};
};

} // namespace bench
