/// What a memcached server sends, of any bytes, read by a connection: against a reader that knows nothing of buffers.

#include "support/memcached.hpp"

#include <strata/core/sink.hpp>
#include <strata/store/detail/memcached_operation.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace strata;
using namespace strata::detail::memcached;

namespace {

using seen = std::tuple<unsigned, unsigned, std::uint32_t, std::string, std::string>;

using result = fuzz::replies_seen<seen>;

/// The replies in `bytes`, up to the first that is none and the `most`-th.
result model(std::string_view bytes, std::size_t most)
{
    result made;
    while (bytes.size() >= 24 && made.replies.size() < most) {
        auto const number = [&](std::size_t at, std::size_t size) {
            std::uint32_t sum = 0;
            for (char const c : bytes.substr(at, size)) sum = sum << 8 | static_cast<unsigned char>(c);
            return sum;
        };
        std::size_t const key = number(2, 2);
        std::size_t const extras = number(4, 1);
        std::size_t const body = number(8, 4);
        if (number(0, 1) != 0x81 || key + extras > body || body > (std::size_t{1} << 30) + 1024) {
            made.protocol_error = true;
            break;
        }
        bool const is_value = (number(1, 1) == 0x00 || number(1, 1) == 0x09) && number(6, 2) == 0;
        if (body > fuzz::longest_value + 1024 || (is_value && body - key - extras > fuzz::longest_value)) {
            made.replies.emplace_back(number(1, 1), 0x03, number(12, 4), "", "");
        } else if (bytes.size() < 24 + body) {
            break;
        } else {
            made.replies.emplace_back(number(1, 1), number(6, 2), number(12, 4), bytes.substr(24 + extras, key),
                                      bytes.substr(24 + extras + key, body - extras - key));
        }
        bytes.remove_prefix(std::min(bytes.size(), 24 + body));
    }
    return made;
}

/// An outcome for the one key there is, and no more.
struct once {
    int outcomes = 0;

    void hit(std::size_t) { ++outcomes; }
    void hit(std::size_t, std::string_view value)
    {
        fuzz::require(value.size() <= fuzz::longest_value, "no value is longer than the bound");
        ++outcomes;
    }
    void miss(std::size_t) { ++outcomes; }
    void fail(std::size_t, failure const& reason)
    {
        fuzz::require(reason.text().size() <= 512, "what a server says is kept within bounds");
        ++outcomes;
    }
};

template <class Op> void check_report(reply const& x)
{
    once sink;
    report<Op>(sink, 0, x, 0);
    fuzz::require(sink.outcomes == 1, "each reply is one outcome");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    std::size_t const most = 1 + in.byte() % 8;
    std::string_view const sent = in.rest();

    fuzz::check_replies(sent, most, protocol::binary, binary_replies{}, model(sent, most), [](reply const& x) {
        // any other reply in the place of one to get is refused before
        if (x.operation == opcode::get || x.operation == opcode::get_quiet) check_report<op::get>(x);
        check_report<op::put>(x);
        check_report<op::add>(x);
        check_report<op::contains>(x);
        return seen{static_cast<unsigned>(x.operation), static_cast<unsigned>(x.status), x.opaque, x.key, x.value};
    });
    return 0;
}
