#define BOOST_TEST_MODULE codec_codec
#include <boost/test/unit_test.hpp>

#include "../support/codec.hpp"

#include <strata/layer/compress.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

using namespace strata;
using namespace std::string_literals;

namespace {

/// A codec of the user's: leaves out the high half of each byte where all are the same, with that half in front.
struct Halves {
    static constexpr unsigned char id = 200;
    static constexpr int default_level = 1;

    class coder {
    public:
        explicit coder(codec_settings const& settings)
        {
            if (settings.level != 1) throw std::invalid_argument{"Compress.level: there is one"};
        }

        std::size_t compress(std::string_view in, std::span<char> out) const
        {
            std::size_t const size = 2 + in.size() / 2;
            if (size > out.size()) return 0;
            if (std::ranges::any_of(in, [&](char c) { return (c & 0xf0) != (in[0] & 0xf0); })) return 0;
            out[0] = static_cast<char>((in[0] & 0xf0) | static_cast<char>(in.size() % 2));
            for (std::size_t i = 0; i < in.size(); ++i) {
                char& byte = out[1 + i / 2];
                byte = static_cast<char>(i % 2 == 0 ? in[i] & 0x0f : byte | in[i] << 4);
            }
            return size - 1 + in.size() % 2;
        }

        bool decompress(std::string_view in, std::span<char> out) const
        {
            if (in.size() != 1 + (out.size() + 1) / 2) return false;
            if ((in[0] & 0x0f) != static_cast<int>(out.size() % 2)) return false;
            for (std::size_t i = 0; i < out.size(); ++i) {
                int const low = i % 2 == 0 ? in[1 + i / 2] & 0x0f : in[1 + i / 2] >> 4 & 0x0f;
                out[i] = static_cast<char>((in[0] & 0xf0) | low);
            }
            return true;
        }
    };
};

struct Halved : Halves {
    static constexpr std::size_t most(std::size_t size) noexcept { return 2 * size; }
};

struct Others : Halves {
    static constexpr unsigned char id = 201;
};

template <class C>
concept compressible = requires { typename Compress<C>; };

} // namespace

/// What a codec may not lack or be.
namespace lacking {

struct without_id : Halves {
    static constexpr unsigned char id = 0;
};
struct without_level {
    static constexpr unsigned char id = 200;
    using coder = Halves::coder;
};
struct without_coder {
    static constexpr unsigned char id = 200;
    static constexpr int default_level = 1;
};
struct without_settings : Halves {
    struct coder {
        std::size_t compress(std::string_view, std::span<char>) const { return 0; }
        bool decompress(std::string_view, std::span<char>) const { return false; }
    };
};
struct with_state : Halves {
    struct coder {
        explicit coder(codec_settings const&) {}
        std::size_t compress(std::string_view, std::span<char>) { return 0; } // many threads use one
        bool decompress(std::string_view, std::span<char>) { return false; }
    };
};
struct without_answer : Halves {
    struct coder {
        explicit coder(codec_settings const&) {}
        std::size_t compress(std::string_view, std::span<char>) const { return 0; }
        void decompress(std::string_view, std::span<char>) const {}
    };
};

} // namespace lacking

namespace {

using namespace lacking;

static_assert(codec<Halves> && compressible<Halves> && codec<Halved>);
static_assert(!codec<without_id> && !compressible<without_id>);
static_assert(!codec<without_level> && !compressible<without_level>);
static_assert(!codec<without_coder> && !compressible<without_coder>);
static_assert(!codec<without_settings> && !compressible<without_settings>);
static_assert(!codec<with_state> && !compressible<with_state>);
static_assert(!codec<without_answer> && !compressible<without_answer>);
static_assert(!codec<int> && !codec<codec_settings>);

std::string const digits(1000, '7');

} // namespace

BOOST_AUTO_TEST_CASE(a_codec_of_the_users)
{
    stack<Memory<>>::with<Compress<Halves>> s{Compress<Halves>{.min_size = 10}};
    for (std::string const& value : {digits, digits + "8", "0123456789"s, samples::noise(300), ""s}) {
        BOOST_REQUIRE(s.put("key", value));
        BOOST_TEST(s.get("key").value() == value);
    }
    static_assert(stack<Memory<>, Compress<Halves>>::describe().find("Halves") != std::string_view::npos);
    BOOST_CHECK_EXCEPTION((stack<Memory<>, Compress<Halves>>{Compress<Halves>{.level = 2}}), std::invalid_argument,
                          test::says("Compress.level: "));
}

/// The form of a user's codec has its id in front, and no other codec reads it.
BOOST_AUTO_TEST_CASE(ids_tell_codecs_apart)
{
    Compress<Halves>::on<bytes> const halves{Compress<Halves>{}};
    boost::container::vector<char> form;
    BOOST_REQUIRE(halves.encode(digits, form));
    BOOST_TEST(form.size() < digits.size() * 6 / 10);
    BOOST_TEST(static_cast<unsigned char>(form[0]) == Halves::id);
    boost::container::vector<char> back;
    std::string_view const stored{form.data(), form.size()};
    BOOST_TEST(halves.decode(stored, back).hit());
    BOOST_TEST((std::string_view{back.data(), back.size()} == digits));

    Compress<Others>::on<bytes> const others{Compress<Others>{}};
    BOOST_TEST((others.decode(stored, back).error() == errc::corrupt));
}

/// Without `most` a length is bounded by `.max_size` alone; with it, by what so many bytes can stand for.
BOOST_AUTO_TEST_CASE(most_is_kept)
{
    Compress<Halves>::on<bytes> const unbounded{Compress<Halves>{.max_size = 5000}};
    Compress<Halved>::on<bytes> const bounded{Compress<Halved>{.max_size = 5000}};
    auto const claims = [](std::size_t length) {
        std::string form(1 + detail::max_varint, static_cast<char>(Halves::id));
        form.resize(static_cast<std::size_t>(detail::write_varint(&form[1], length) - form.data()));
        return form + std::string(10, '\0');
    };
    boost::container::vector<char> out;
    BOOST_TEST((bounded.decode(claims(4000), out).error() == errc::corrupt));
    BOOST_TEST(out.capacity() < 4000u);
    BOOST_TEST((unbounded.decode(claims(4000), out).error() == errc::corrupt));
    BOOST_TEST(out.capacity() >= 4000u);
    BOOST_TEST((unbounded.decode(claims(6000), out).error() == errc::too_large));
}
