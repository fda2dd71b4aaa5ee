/// The text of keys: different keys have different texts, equal keys the same, and the text is JSON.

#include "support/draw.hpp"
#include "support/fuzz.hpp"

#include <strata/core/key_text.hpp>

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

enum class color : short { red = -1, green, blue };

using flat = std::tuple<std::string, std::string>;
using numbers = std::tuple<int, std::uint64_t, std::int8_t, bool, char, color>;
using nested = std::tuple<std::vector<std::string>, std::optional<std::string>, std::pair<flat, std::vector<flat>>>;
using deep = std::vector<std::vector<std::optional<std::optional<int>>>>;

template <class Key> std::string text(Key const& key)
{
    strata::key_buffer out;
    strata::append_json(out, key);
    return {out.data(), out.size()};
}

template <class Key> void check(fuzz::input& in)
{
    Key a{};
    Key b{};
    draw(in, a);
    draw(in, b);
    std::string const of_a = text(a);
    std::string const of_b = text(b);
    fuzz::require((a == b) == (of_a == of_b), "keys have one text exactly where they are equal");
    fuzz::require(text(std::tuple{a, b}) == '[' + of_a + ',' + of_b + ']', "a tuple is the array of its parts");

    strata::key_buffer behind;
    strata::append(behind, "prefix.");
    strata::append_json(behind, a);
    fuzz::require(std::string_view{behind.data(), behind.size()} == "prefix." + of_a, "a key is appended");
}

/// All bytes that JSON has to escape, and those of ASCII that it has not. Beyond ASCII, text stays as it is: where it
/// is not UTF-8, the key is not JSON.
void check_json(fuzz::input& in)
{
    auto const ascii = [](std::string_view bytes) {
        std::string made{bytes};
        for (char& c : made) c = static_cast<char>(c & 0x7f);
        return made;
    };
    std::string const first = ascii(in.text());
    auto const number = static_cast<std::int64_t>(in.number(8));
    std::string const second = ascii(in.text());
    boost::json::error_code error;
    boost::json::value const parsed = boost::json::parse(text(std::tuple{first, number, second}), error);
    fuzz::require(!error && parsed.is_array() && parsed.as_array().size() == 3, "the text of a key is JSON");
    auto const& array = parsed.as_array();
    fuzz::require(array[0].as_string() == first && array[1].as_int64() == number && array[2].as_string() == second,
                  "what JSON reads is the key");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    switch (in.byte() % 5) {
    case 0: check<flat>(in); break;
    case 1: check<numbers>(in); break;
    case 2: check<nested>(in); break;
    case 3: check<deep>(in); break;
    default: check_json(in);
    }
    return 0;
}
