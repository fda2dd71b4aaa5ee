/// What the formats cost for a struct of ten fields, against copies written by hand for that struct alone.
/// `bench.serialize` prints medians of interleaved rounds; `--callgrind CASE TIMES` is for tools/instructions.

#include "support/cases.hpp"
#include "support/counters.hpp"

#include <strata/json.hpp>
#include <strata/strata.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

enum class state : std::uint8_t { open, paid, sent };

struct order {
    std::uint64_t id = 0;
    std::uint32_t customer = 0;
    std::int32_t quantity = 0;
    std::int64_t cents = 0;
    double weight = 0;
    bool gift = false;
    bench::state state{};
    std::chrono::milliseconds since{};
    std::string name;
    std::string address;

    bool operator==(order const&) const = default;
};

} // namespace bench

BOOST_HANA_ADAPT_STRUCT(bench::order, id, customer, quantity, cents, weight, gift, state, since, name, address);

namespace {

using namespace strata;
using bench::order;

/// All that one would write for this struct and nothing else: each field is copied, text has its length in front, and
/// nothing is read beyond the end.
struct ByHand {
    static void encode(order const& o, std::string& out)
    {
        out.resize(fixed + 2 * sizeof(std::uint32_t) + o.name.size() + o.address.size());
        char* at = out.data();
        copy(at, o.id), copy(at, o.customer), copy(at, o.quantity), copy(at, o.cents), copy(at, o.weight);
        copy(at, o.gift), copy(at, o.state), copy(at, o.since);
        for (std::string const* text : {&o.name, &o.address}) {
            copy(at, static_cast<std::uint32_t>(text->size()));
            std::memcpy(at, text->data(), text->size());
            at += text->size();
        }
    }

    static lookup<order> decode(std::string_view in)
    {
        lookup<order> result;
        if (!read(in, result.emplace())) result = errc::corrupt;
        return result;
    }

    static bool read(std::string_view in, order& o)
    {
        if (in.size() < fixed) return false;
        char const* at = in.data();
        char const* const end = at + in.size();
        take(at, o.id), take(at, o.customer), take(at, o.quantity), take(at, o.cents), take(at, o.weight);
        take(at, o.gift), take(at, o.state), take(at, o.since);
        for (std::string* text : {&o.name, &o.address}) {
            std::uint32_t size = 0;
            if (end - at < 4) return false;
            take(at, size);
            if (static_cast<std::size_t>(end - at) < size) return false;
            text->assign(at, size);
            at += size;
        }
        return at == end;
    }

private:
    static constexpr std::size_t fixed = 8 + 4 + 4 + 8 + 8 + 1 + 1 + 8;

    template <class T> static void copy(char*& at, T const& field)
    {
        std::memcpy(at, &field, sizeof field);
        at += sizeof field;
    }
    template <class T> static void take(char const*& at, T& field)
    {
        std::memcpy(&field, at, sizeof field);
        at += sizeof field;
    }
};

constexpr std::size_t number = 256;

std::vector<order> orders()
{
    std::mt19937_64 random{1};
    std::vector<order> made(number);
    for (order& o : made) {
        o.id = random();
        o.customer = static_cast<std::uint32_t>(random() % 1'000'000);
        o.quantity = static_cast<std::int32_t>(random() % 20) - 3;
        o.cents = static_cast<std::int64_t>(random() % 100'000);
        o.weight = static_cast<double>(random() % 100'000) / 1000;
        o.gift = random() % 2 != 0;
        o.state = static_cast<bench::state>(random() % 3);
        o.since = std::chrono::milliseconds{1'700'000'000'000 + static_cast<std::int64_t>(random() % 100'000'000)};
        o.name = "customer " + std::to_string(o.customer);
        o.address = std::to_string(o.customer % 400) + " rue de la Paix, Fontainebleau";
    }
    return made;
}

/// A compiler that sees through a loop leaves nothing of it to measure.
template <class T> void used(T const& value) { asm volatile("" : : "g"(&value) : "memory"); }

/// Each is a function of its own, so that it is not up to the compiler who is compiled into the loop.
template <class Format> [[gnu::noinline]] void encode(order const& o, std::string& out)
{
    out.clear();
    static_cast<void>(Format::encode(o, out));
}
template <class Format> [[gnu::noinline]] lookup<order> decode(std::string_view in)
{
    if constexpr (requires { Format::template decode<order>(in); }) {
        return Format::template decode<order>(in);
    } else {
        return Format::decode(in);
    }
}

template <class Format>
void add_cases(bench::cases& all, std::string const& name, std::vector<order> const& given,
               std::map<std::string, double>& sizes)
{
    std::vector<std::string> encoded(number);
    double bytes = 0;
    for (std::size_t i = 0; i < number; ++i) {
        encode<Format>(given[i], encoded[i]);
        bytes += static_cast<double>(encoded[i].size());
        if (decode<Format>(encoded[i]).value() != given[i]) throw std::runtime_error{name + " decodes something else"};
    }
    sizes[name + "_encode"] = sizes[name + "_decode"] = bytes / number;

    all.add(name + "_encode", [&given, out = std::string{}](std::size_t i) mutable {
        encode<Format>(given[i % number], out);
        used(out);
    });
    all.add(name + "_decode", [encoded](std::size_t i) {
        auto const found = decode<Format>(encoded[i % number]);
        used(found);
    });
}

void print(bench::cases const& all, std::map<std::string, double> const& sizes)
{
    constexpr int rounds = 31;
    constexpr std::size_t times = 4096;
    bench::instruction_counter const counter;
    std::vector<std::vector<double>> ns(all.all().size());
    std::vector<double> allocations(ns.size());
    for (int round = 0; round <= rounds; ++round) { // the first one warms up
        for (std::size_t i = 0; i < ns.size(); ++i) {
            auto const before = bench::allocations;
            auto const start = std::chrono::steady_clock::now();
            all.all()[i].run(times);
            std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
            allocations[i] = static_cast<double>(bench::allocations - before) / times;
            if (round > 0) ns[i].push_back(time.count() / times);
        }
    }
    std::printf("%-16s %9s %12s %9s %9s\n", "case", "ns", "of by hand", "allocs", "bytes");
    std::vector<double> median(ns.size());
    for (std::size_t i = 0; i < ns.size(); ++i) {
        std::ranges::sort(ns[i]);
        median[i] = ns[i][ns[i].size() / 2];
        std::string const& name = all.all()[i].name;
        std::printf("%-16s %9.1f %11.2fx %9.2f %9.1f\n", name.c_str(), median[i], median[i] / median[i % 2],
                    allocations[i], sizes.at(name));
    }
    std::printf("\nthere and back: Binary %.2f of by hand, Json %.1f of Binary (medians of %d interleaved rounds)\n",
                (median[2] + median[3]) / (median[0] + median[1]), (median[4] + median[5]) / (median[2] + median[3]),
                rounds);
}

} // namespace

int main(int argc, char** argv)
try {
    std::string_view const mode = argc > 1 ? argv[1] : "";
    if (mode == "--help" || (argc > 1 && mode != "--list" && !(mode == "--callgrind" && argc == 4))) {
        std::puts("usage: bench.serialize [--list | --callgrind CASE TIMES]\n\n"
                  "The formats for a struct of ten fields, against copies written by hand.\n\n"
                  "  --list                   names the cases\n"
                  "  --callgrind CASE TIMES   does one case so often and nothing else (for tools/instructions)");
        return mode == "--help" ? 0 : 2;
    }

    auto const given = orders();
    std::map<std::string, double> sizes;
    bench::cases all;
    add_cases<ByHand>(all, "hand", given, sizes);
    add_cases<Binary>(all, "binary", given, sizes);
    add_cases<Json>(all, "json", given, sizes);
    add_cases<MsgPack>(all, "msgpack", given, sizes);

    if (mode == "--list") {
        all.print_names();
    } else if (mode == "--callgrind") {
        all.run(argv[2], std::stoul(argv[3]));
    } else {
        print(all, sizes);
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
