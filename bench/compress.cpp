/// What `Compress` gains and costs for values like those of a web service, against the codecs used by hand: the share
/// of the bytes that is left, and processor time and allocations for each value, `put` and `get` through a stack over a
/// store that costs nothing. `bench.compress [rounds]` prints medians of interleaved rounds.

#include "support/counters.hpp"

#include "../test/support/samples.hpp"

#include <strata/compress.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <time.h>

namespace {

using namespace strata;

/// As many values as were put, by the number that is their key.
struct Slots {
    class store {
    public:
        using key_type = std::size_t;
        using value_type = bytes;
        static constexpr bool concurrent = false;

        [[nodiscard]] static constexpr lifetime default_lifetime() noexcept { return forever; }
        [[nodiscard]] std::size_t stored() const noexcept
        {
            std::size_t sum = 0;
            for (std::string const& value : values_) sum += value.size();
            return sum;
        }

        void run(asks<op::get> auto const& r) { r.sink.hit(0, std::string_view{values_[r.keys[0]]}); }
        void run(asks<op::put> auto const& r)
        {
            r.source(0, [&](std::string_view value) {
                if (values_.size() <= r.keys[0]) values_.resize(r.keys[0] + 1);
                values_[r.keys[0]] = value;
                r.sink.hit(0);
            });
        }

    private:
        std::vector<std::string> values_;
    };
};

struct row {
    std::string name;
    std::function<void(std::size_t, std::string const&)> put;
    std::function<void(std::size_t, std::string&)> get_to;
    std::function<std::size_t()> stored;
    std::vector<double> puts = {}; ///< nanoseconds a value, one per round
    std::vector<double> gets = {};
    double allocations = 0; ///< for a `put` and a `get`
};

template <class Stack, class... Given> row layer_row(std::string name, Given... given)
{
    auto const cache = std::make_shared<Stack>(std::move(given)...);
    return {std::move(name),
            [cache](std::size_t i, std::string const& value) {
                if (!cache->put(i, value)) std::abort();
            },
            [cache](std::size_t i, std::string& out) {
                if (!cache->get_to(i, out)) std::abort();
            },
            [cache] { return cache->template layer<Slots>().stored(); }};
}

/// A codec by hand, with nothing around it.
template <class Codec> row bare_row(std::string name, codec_settings const& settings)
{
    struct state {
        typename Codec::coder coder;
        std::vector<std::string> values;
    };
    auto const own = std::make_shared<state>(state{typename Codec::coder{settings}, {}});
    return {std::move(name),
            [own](std::size_t i, std::string const& value) {
                if (own->values.size() <= i) own->values.resize(i + 1);
                std::string& out = own->values[i];
                out.resize(value.size() + 512);
                out.resize(own->coder.compress(value, out));
            },
            [own](std::size_t i, std::string& out) {
                if (!own->coder.decompress(own->values[i], out)) std::abort();
            },
            [own] {
                std::size_t sum = 0;
                for (std::string const& value : own->values) sum += value.size();
                return sum;
            }};
}

double median(std::vector<double> values)
{
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

/// The time that this thread was running; others on a shared machine do not count.
double thread_time()
{
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class F> double nanoseconds(std::size_t calls, F&& f)
{
    double const begin = thread_time();
    for (std::size_t i = 0; i < calls; ++i) f(i);
    return (thread_time() - begin) / static_cast<double>(calls);
}

void compare(std::size_t size, std::string const& dictionary, int rounds)
{
    std::vector<std::string> values;
    std::size_t bytes = 0;
    for (unsigned i = 0; i < 400; ++i) {
        values.push_back(samples::text(size, 1'000'000 + 1000 * i));
        bytes += size;
    }

    using plain = stack<Slots>;
    using lz4 = plain::with<Compress<Lz4>>;
    using zstd = plain::with<Compress<Zstd>>;
    std::vector<row> rows;
    rows.push_back(layer_row<plain>("none"));
    rows.push_back(bare_row<Lz4>("LZ4 by hand", {0, {}, {}}));
    rows.push_back(layer_row<lz4>("Lz4", Compress<Lz4>{.min_size = 0}));
    rows.push_back(layer_row<lz4>("Lz4, level 9", Compress<Lz4>{.min_size = 0, .level = 9}));
    rows.push_back(bare_row<Zstd>("zstd by hand", {3, {}, {}}));
    rows.push_back(layer_row<zstd>("Zstd", Compress<Zstd>{.min_size = 0}));
    rows.push_back(layer_row<zstd>("Zstd, level 1", Compress<Zstd>{.min_size = 0, .level = 1}));
    rows.push_back(layer_row<zstd>("Zstd, dictionary", Compress<Zstd>{.min_size = 0, .dictionary = dictionary}));

    std::string out(size, '\0');
    for (int round = -1; round < rounds; ++round) { // the first one warms up
        for (std::size_t r = 0; r < rows.size(); ++r) {
            row& it = rows[(r + static_cast<std::size_t>(round + 1)) % rows.size()];
            auto const before = bench::allocations;
            double const put = nanoseconds(values.size(), [&](std::size_t i) { it.put(i, values[i]); });
            double const get = nanoseconds(values.size(), [&](std::size_t i) { it.get_to(i, out); });
            auto const after = bench::allocations;
            if (round < 0) continue;
            it.puts.push_back(put);
            it.gets.push_back(get);
            it.allocations = static_cast<double>(after - before) / static_cast<double>(values.size());
        }
    }

    std::printf("\nvalues of %zu bytes   %10s %12s %12s %12s\n", size, "left", "ns a put", "ns a get", "allocations");
    for (row const& it : rows) {
        double const left = 100.0 * static_cast<double>(it.stored()) / static_cast<double>(bytes);
        std::printf("%-20s %11.0f %% %12.0f %12.0f %12.2f\n", it.name.c_str(), left, median(it.puts), median(it.gets),
                    it.allocations);
    }
}

} // namespace

int main(int argc, char** argv)
{
    int const rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
    std::string const dictionary = Zstd::train(samples::records(5000));
    for (std::size_t size : {64u, 128u, 1024u, 16384u}) compare(size, dictionary, rounds);
}
