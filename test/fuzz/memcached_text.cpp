/// memcached's text protocol: what a server sends, of any bytes, read by a connection, against a reader that knows
/// nothing of buffers; and requests for keys of any bytes, in which no key may be more than a key.

#include "support/memcached.hpp"

#include <strata/core/key.hpp>
#include <strata/store/detail/memcached_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace strata;
using namespace strata::detail::memcached;

namespace {

/// Kind of reply ('V', 'L' for a value that is too large, 'E' for the end, or the first byte of an error), flags, key,
/// and value or words.
using seen = std::tuple<char, std::uint32_t, std::string, std::string>;

using result = fuzz::replies_seen<seen>;

/// A number of digits alone, up to `most`.
bool read_number(std::string_view text, std::uint64_t most, std::uint64_t& number)
{
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return false;
    number = 0;
    for (char const c : text) {
        number = number * 10 + static_cast<unsigned>(c - '0');
        if (number > most) return false;
    }
    return true;
}

/// The replies in `bytes`, up to the first that is none and the `most`-th.
result model(std::string_view bytes, std::size_t most)
{
    result made;
    auto const wrong = [&] {
        made.protocol_error = true;
        return made;
    };
    while (made.replies.size() < most) {
        std::size_t const end = bytes.substr(0, 2048).find('\n');
        if (end == bytes.npos) return bytes.size() < 2048 ? made : wrong();
        if (end == 0 || bytes[end - 1] != '\r') return wrong();
        std::string_view const line = bytes.substr(0, end - 1);
        bytes.remove_prefix(end + 1);
        if (line == "END") {
            made.replies.emplace_back('E', 0, "", "");
        } else if (line == "ERROR" || line.starts_with("ERROR ")) {
            made.replies.emplace_back('e', 0, "", line);
        } else if (line.starts_with("SERVER_ERROR ") || line.starts_with("CLIENT_ERROR ")) {
            made.replies.emplace_back('s', 0, "", line);
        } else {
            std::vector<std::string> words{""};
            for (char const c : line) {
                if (c == ' ') {
                    words.emplace_back();
                } else {
                    words.back() += c;
                }
            }
            std::uint64_t flags = 0;
            std::uint64_t size = 0;
            if (words.size() != 4 || words[0] != "VALUE" || !read_number(words[2], UINT32_MAX, flags) ||
                !read_number(words[3], std::uint64_t{1} << 30, size)) {
                return wrong();
            }
            bool const accepted = size <= fuzz::longest_value;
            if (accepted && bytes.size() < size + 2) return made;
            if (accepted && bytes.substr(size, 2) != "\r\n") return wrong();
            made.replies.emplace_back(accepted ? 'V' : 'L', flags, words[1],
                                      accepted ? bytes.substr(0, size) : std::string_view{});
            if (made.replies.size() == most) return made;
            bytes.remove_prefix(std::min<std::size_t>(bytes.size(), size));
            if (bytes.size() < 2) return made;
            if (!bytes.starts_with("\r\n")) return wrong();
            bytes.remove_prefix(2);
        }
    }
    return made;
}

char kind(reply const& x)
{
    if (x.operation == opcode::get) return x.status == reply_status::done ? 'V' : 'L';
    if (x.status == reply_status::done) return 'E';
    return x.status == reply_status::unknown_command ? 'e' : 's';
}

void check_replies(std::string_view sent, std::size_t most)
{
    fuzz::check_replies(sent, most, protocol::text, text_replies{}, model(sent, most), [](reply const& x) {
        if (x.status != reply_status::done) {
            fuzz::require(to_failure(x).text().size() <= 512, "what a server says is kept within bounds");
        }
        return seen{kind(x), x.flags, x.key, x.value};
    });
}

void check_request(std::string_view bytes)
{
    std::vector<std::string_view> keys; // separated by a byte that is none of the interesting ones
    for (std::size_t at = 0; at <= bytes.size();) {
        std::size_t const end = std::min(bytes.find('|', at), bytes.size());
        keys.push_back(bytes.substr(at, end - at));
        at = end + 1;
    }
    send_buffer request;
    bool const fine = append_get(request, keys.size(), [&](std::size_t m) { return key_view{keys[m]}; });
    bool const plain = std::all_of(keys.begin(), keys.end(), [](std::string_view key) {
        return !key.empty() && key.size() <= 250 &&
               std::all_of(key.begin(), key.end(), [](char c) { return c < 0 || (c > 32 && c != 127); });
    });
    fuzz::require(fine == plain, "a request is made of plain keys alone");
    if (!fine) return;

    asked_keys left;
    std::string expected = "get";
    for (std::string_view const key : keys) {
        asked_keys passed = left;
        if (!passed.skip(request)) {
            fuzz::require(left.next_line(request), "only a line can end here");
            expected += "\r\nget";
            passed = left;
            fuzz::require(passed.skip(request), "each key is there");
        }
        fuzz::require(!left.take(request, key.substr(1)), "an end of it is not it");
        fuzz::require(!left.take(request, key.substr(0, key.size() - 1)), "a beginning of it is not it");
        fuzz::require(left.take(request, key) && left == passed, "each key is what it was");
        expected += " ";
        expected += key;
    }
    fuzz::require(!left.skip(request) && !left.next_line(request), "then it ends");
    expected += "\r\n";
    fuzz::require(std::string_view(request.data(), request.size()) == expected, "there is nothing but keys in it");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    unsigned const choice = in.byte();
    if (choice % 4 == 0) {
        check_request(in.rest());
    } else {
        check_replies(in.rest(), 1 + choice / 4 % 8);
    }
    return 0;
}
