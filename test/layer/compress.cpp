#define BOOST_TEST_MODULE layer_compress
#include <boost/test/unit_test.hpp>

#include "../support/allocations.hpp"
#include "../support/faulty.hpp"
#include "../support/laws.hpp"
#include "../support/samples.hpp"

#include <strata/codec/lz4.hpp>
#include <strata/codec/zstd.hpp>
#include <strata/layer/compress.hpp>
#include <strata/strata.hpp>

#include <boost/mpl/list.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using namespace strata;

/// A codec as a user would write one: runs of one byte as pairs of their length and the byte.
struct Runs {
    static constexpr unsigned char id = 200;
    static constexpr int default_level = 7;

    class coder {
    public:
        explicit coder(codec_settings const& settings)
        {
            if (settings.level != 7) throw std::invalid_argument{"Compress.level: Runs has one level, 7"};
        }

        std::size_t compress(std::string_view in, std::span<char> out) const
        {
            std::size_t size = 0;
            while (!in.empty()) {
                if (out.size() - size < 2) return 0;
                std::size_t const run = std::min({in.find_first_not_of(in[0]), in.size(), std::size_t{100}});
                out[size++] = static_cast<char>(run);
                out[size++] = in[0];
                in.remove_prefix(run);
            }
            return size;
        }

        bool decompress(std::string_view in, std::span<char> out) const
        {
            std::size_t size = 0;
            for (; in.size() >= 2; in.remove_prefix(2)) {
                auto const run = static_cast<unsigned char>(in[0]);
                if (out.size() - size < run) return false;
                std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(size), run, in[1]);
                size += run;
            }
            return in.empty() && size == out.size();
        }
    };
};

namespace {

using codecs = boost::mpl::list<Zstd, Lz4, Runs>;

/// Replaces what the store returns.
struct Tamper {
    std::function<void(std::string&)> how = {};

    template <class Next> class on {
    public:
        explicit on(Tamper policy) : how_{std::move(policy.how)} {}

        status encode(std::string_view in, std::string& out) const
        {
            out = in;
            return {};
        }
        lookup<void> decode(std::string_view in, std::string& out) const
        {
            out = in;
            how_(out);
            return hit;
        }

    private:
        std::function<void(std::string&)> how_;
    };
};

/// The layer alone.
template <class Codec> class layer {
public:
    explicit layer(Compress<Codec> settings = {}) : on_{std::move(settings)} {}

    std::string stored(std::string_view value)
    {
        typename part::buffer out;
        BOOST_TEST(bool(on_.encode(value, out)));
        return {out.begin(), out.end()};
    }
    std::error_code refused(std::string_view value)
    {
        typename part::buffer out;
        return on_.encode(value, out).error();
    }
    lookup<std::string> read(std::string_view bytes)
    {
        typename part::buffer out;
        auto const found = on_.decode(bytes, out);
        if (found.failed()) return found.reason();
        if (found.miss()) return miss;
        return std::string{out.begin(), out.end()};
    }

private:
    using part = typename Compress<Codec>::template on<bytes>;
    part on_;
};

std::string with_length(unsigned char id, std::uint64_t length, std::string_view body)
{
    std::string made(1 + detail::max_varint, static_cast<char>(id));
    made.resize(static_cast<std::size_t>(detail::write_varint(made.data() + 1, length) - made.data()));
    return made += body;
}

auto says(std::string_view beginning)
{
    return [beginning](std::invalid_argument const& thrown) {
        return std::string_view{thrown.what()}.starts_with(beginning);
    };
}

} // namespace

static_assert(stack<Memory<>>::with<Compress<Zstd>>::describe() == "Memory | Compress<Zstd>");
static_assert(stack<Memory<>>::with<Compress<Lz4>>::with<Prefix>::describe() == "Memory | Compress<Lz4> | Prefix");
static_assert(stack<Memory<>>::with<Compress<Runs>>::describe() == "Memory | Compress<Runs>");

BOOST_AUTO_TEST_CASE(it_keeps_the_laws)
{
    using cache = stack<Memory<>>::with<Faulty>::with<Compress<Lz4>>::with<Compress<Zstd>>::with<Prefix>::with<Stats>;
    laws::obeys(laws::memory_subject<cache>({}, Compress<Lz4>{.min_size = 0}, Prefix{"p."}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_shrinks_is_stored_shorter, Codec, codecs)
{
    layer<Codec> compress;
    std::string const value(5000, 'x');
    std::string const stored = compress.stored(value);
    BOOST_TEST(stored.size() * 10 < value.size());
    BOOST_TEST(static_cast<unsigned char>(stored[0]) == Codec::id);
    BOOST_TEST(compress.read(stored).value() == value);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_does_not_shrink_is_stored_as_it_is, Codec, codecs)
{
    layer<Codec> compress{{.min_size = 0}};
    for (std::size_t size = 0; size < 600; ++size) {
        std::string const value = samples::noise(size);
        std::string const stored = compress.stored(value);
        BOOST_TEST(stored == '\0' + value);
        BOOST_TEST(compress.read(stored).value() == value);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(no_value_grows_by_more_than_a_byte, Codec, codecs)
{
    layer<Codec> compress{{.min_size = 0}};
    for (std::size_t size = 0; size < 400; ++size) {
        for (std::size_t same = 0; same <= size; same += 7) {
            std::string const value = std::string(same, 'a') + samples::noise(size - same);
            std::string const stored = compress.stored(value);
            BOOST_TEST(stored.size() <= value.size() + 1);
            BOOST_TEST(compress.read(stored).value() == value);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(short_values_are_stored_as_they_are, Codec, codecs)
{
    layer<Codec> compress{{.min_size = 200}};
    BOOST_TEST(compress.stored(std::string(199, 'x')) == '\0' + std::string(199, 'x'));
    BOOST_TEST(compress.stored(std::string(200, 'x')).size() < 100u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(long_values_are_refused, Codec, codecs)
{
    layer<Codec> compress{{.max_size = 1000}};
    BOOST_TEST(compress.read(compress.stored(std::string(1000, 'x'))).hit());
    BOOST_TEST(compress.refused(std::string(1001, 'x')) == errc::too_large);
    BOOST_TEST(compress.refused(samples::noise(1001)) == errc::too_large);

    layer<Codec> longer;
    BOOST_TEST(compress.read(longer.stored(std::string(1001, 'x'))).error() == errc::too_large);
    BOOST_TEST(compress.read(longer.stored(samples::noise(1001))).error() == errc::too_large);

    typename stack<Memory<>>::template with<Compress<Codec>> cache{Compress<Codec>{.max_size = 1000}};
    BOOST_TEST(cache.put("key", std::string(1001, 'x')).error() == errc::too_large);
    BOOST_TEST(cache.get("key").miss());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_cannot_be_decoded_is_corrupt, Codec, codecs)
{
    layer<Codec> compress;
    std::string const value(5000, 'x');
    std::string const stored = compress.stored(value);
    BOOST_TEST(compress.read("").error() == errc::corrupt);
    for (std::size_t left = 0; left < stored.size(); ++left) {
        BOOST_TEST(compress.read(stored.substr(0, left)).error() == errc::corrupt, "cut to " << left);
    }
    BOOST_TEST(compress.read(stored + 'x').error() == errc::corrupt);
    for (unsigned id = 1; id < 256; ++id) {
        std::string other = stored;
        other[0] = static_cast<char>(id);
        BOOST_TEST(compress.read(other).hit() == (id == Codec::id));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_wrong_length_is_corrupt, Codec, codecs)
{
    layer<Codec> compress;
    std::string const value(5000, 'x');
    std::string const stored = compress.stored(value);
    std::size_t const head = 1 + std::size_t{2};
    BOOST_TEST(with_length(Codec::id, 5000, stored.substr(head)) == stored);
    for (std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{stored.size()}, std::uint64_t{4999},
                                std::uint64_t{5001}, std::uint64_t{10'000'000}}) {
        auto const found = compress.read(with_length(Codec::id, wrong, stored.substr(head)));
        BOOST_TEST(found.error() == errc::corrupt, "length " << wrong);
    }
    for (std::uint64_t wrong : {(std::uint64_t{64} << 20) + 1, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
        auto const found = compress.read(with_length(Codec::id, wrong, stored.substr(head)));
        BOOST_TEST(found.error() == errc::too_large, "length " << wrong);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(damage_is_never_more_than_a_wrong_value, Codec, codecs)
{
    layer<Codec> compress{{.max_size = 1 << 16}};
    std::string stored = compress.stored(samples::text(3000) + std::string(3000, '-'));
    for (std::size_t i = 0; i < stored.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            stored[i] = static_cast<char>(stored[i] ^ 1 << bit);
            auto const found = compress.read(stored);
            BOOST_TEST((!found.hit() || found->size() <= 1u << 16));
            stored[i] = static_cast<char>(stored[i] ^ 1 << bit);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_entry_fails_alone)
{
    stack<Memory<>>::with<Tamper>::with<Compress<Zstd>>::with<Stats> cache{Tamper{[](std::string& stored) {
        if (stored.find("damage") != stored.npos) stored[0] = 77;
    }}};
    cache.put("good", "fine");
    cache.put("bad", "damage");
    auto const found = cache.get_many({"good", "bad", "none"});
    BOOST_TEST(found[0].value() == "fine");
    BOOST_TEST(found[1].error() == errc::corrupt);
    BOOST_TEST(found[2].miss());
    std::string untouched = "as it was";
    BOOST_TEST(cache.get_to("bad", untouched).error() == errc::corrupt);
    BOOST_TEST(untouched == "as it was");
    BOOST_TEST(cache.layer<Stats>().failures() == 2u);
}

BOOST_AUTO_TEST_CASE(a_small_lie_takes_little_memory)
{
    // 20 bytes that claim the longest value that may be
    std::string const lie(15, '\x01');
    std::uint64_t const claim = std::uint64_t{64} << 20;
    stack<Memory<>>::with<Compress<Zstd>> cache;
    Compress<Zstd>::on<bytes>::buffer out;
    BOOST_TEST(cache.layer<Compress<Zstd>>().decode(with_length(Zstd::id, claim, lie), out).error() == errc::corrupt);
    BOOST_TEST(out.capacity() == 0u);
    stack<Memory<>>::with<Compress<Lz4>> other;
    BOOST_TEST(other.layer<Compress<Lz4>>().decode(with_length(Lz4::id, claim, lie), out).error() == errc::corrupt);
    BOOST_TEST(out.capacity() == 0u);
}

BOOST_AUTO_TEST_CASE(dictionaries_come_through_the_settings)
{
    std::string const first = Zstd::train(samples::records(2000), 4096);
    std::string const second = Zstd::train(samples::records(2000, 10'000), 4096);
    layer<Zstd> before{{.min_size = 0, .dictionary = first}};
    layer<Zstd> after{{.min_size = 0, .dictionary = second, .retired = {first}}};
    layer<Zstd> stranger{{.min_size = 0, .dictionary = second}};
    std::string const value = samples::record(123'456);
    std::string const stored = before.stored(value);
    BOOST_TEST(stored.size() * 2 < value.size());
    BOOST_TEST(before.read(stored).value() == value);
    BOOST_TEST(after.read(stored).value() == value);
    BOOST_TEST(stranger.read(stored).error() == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_named)
{
    using std::invalid_argument;
    using zstd = stack<Memory<>>::with<Compress<Zstd>>;
    using lz4 = stack<Memory<>>::with<Compress<Lz4>>;
    BOOST_CHECK_EXCEPTION(zstd{Compress<Zstd>{.max_size = 0}}, invalid_argument, says("Compress.max_size: "));
    BOOST_CHECK_EXCEPTION(zstd{Compress<Zstd>{.level = 1000}}, invalid_argument, says("Compress.level: "));
    BOOST_CHECK_EXCEPTION(zstd{Compress<Zstd>{.dictionary = "text"}}, invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(lz4{Compress<Lz4>{.dictionary = "text"}}, invalid_argument, says("Compress.dictionary: "));
    BOOST_CHECK_EXCEPTION(lz4{Compress<Lz4>{.level = 13}}, invalid_argument, says("Compress.level: "));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_threads_share_a_layer, Codec, codecs)
{
    typename Compress<Codec>::template on<bytes> const shared{Compress<Codec>{}};
    std::vector<std::size_t> wrong(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t] {
            typename decltype(shared)::buffer stored;
            typename decltype(shared)::buffer read;
            for (unsigned i = 0; i < 300; ++i) {
                std::string const value = samples::text(100 + 7 * i, static_cast<unsigned>(t) * 1000 + i);
                bool const done = shared.encode(value, stored) &&
                                  shared.decode({stored.data(), stored.size()}, read) &&
                                  std::string_view{read.data(), read.size()} == value;
                wrong[t] += !done;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t const w : wrong) BOOST_TEST(w == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(settings_of_one_layer_do_not_reach_another, Codec, codecs)
{
    // contexts belong to the thread, so two layers take turns with the same one
    layer<Codec> one{{.min_size = 0}};
    layer<Codec> other{{.min_size = 0}};
    std::string const value = samples::text(3000);
    std::string const expected = one.stored(value);
    if constexpr (std::same_as<Codec, Zstd>) {
        layer<Zstd> thorough{{.level = 19, .dictionary = Zstd::train(samples::records(2000), 4096)}};
        BOOST_TEST(thorough.stored(value).size() < expected.size());
    }
    BOOST_TEST((other.stored(value) == expected));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(steady_state_allocates_nothing, Codec, codecs)
{
    if (!allocations::counted) return; // a sanitizer's malloc is not counted
    for (int level : {Codec::default_level, std::same_as<Codec, Lz4> ? 9 : Codec::default_level}) {
        typename stack<Memory<>>::template with<Compress<Codec>> cache{Compress<Codec>{.level = level}};
        auto& compress = cache.template layer<Compress<Codec>>();
        typename std::remove_reference_t<decltype(compress)>::buffer stored;
        typename std::remove_reference_t<decltype(compress)>::buffer read;
        std::string const values[] = {std::string(9000, 'x'), samples::text(7000), samples::noise(8000), "short", ""};
        auto const round = [&] {
            for (std::string const& value : values) {
                stored.clear();
                read.clear();
                bool const done = bool(compress.encode(value, stored)) &&
                                  compress.decode({stored.data(), stored.size()}, read).hit();
                if (!done) std::abort();
            }
        };
        round();
        auto const before = allocations::count;
        for (int i = 0; i < 500; ++i) round();
        BOOST_TEST(allocations::count == before);
    }
}
