/// The way of a Redis reply into outcomes: any bytes, in any fragments. What hiredis makes of the same bytes by itself
/// is the model: what strata takes is what hiredis reads, and how the bytes were cut does not matter.

#include "support/fuzz.hpp"

#include <strata/core/request.hpp>
#include <strata/store/detail/redis_reader.hpp>
#include <strata/store/detail/redis_replies.hpp>

#include <hiredis/hiredis.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
namespace redis = strata::detail::redis;

namespace {

constexpr std::size_t longest_value = 1000;

/// Remembers the outcome of each key, and that there is at most one.
struct outcomes {
    using wants = bytes;

    std::vector<std::string> of_key;

    void set(std::size_t i, std::string text)
    {
        fuzz::require(i < of_key.size(), "an outcome is that of a key");
        fuzz::require(of_key[i].empty(), "a key has one outcome");
        of_key[i] = std::move(text);
    }
    void hit(std::size_t i, std::string_view value)
    {
        fuzz::require(value.size() <= longest_value, "no value is longer than the bound");
        set(i, "hit " + std::string{value});
    }
    void hit(std::size_t i) { set(i, "hit"); }
    void miss(std::size_t i) { set(i, "miss"); }
    void fail(std::size_t i, failure const& reason) { set(i, "fail " + std::string{reason.text()}); }
};

/// Some keys; the replies never look at them.
struct no_keys {
    std::size_t number;
    [[nodiscard]] std::size_t size() const noexcept { return number; }
};

struct result {
    redis::reader::state state = redis::reader::state::incomplete;
    std::vector<std::string> outcome;

    friend bool operator==(result const&, result const&) = default;
};

/// Reads `expected` replies from `bytes`, which come in pieces of `cut()` bytes.
template <class Handler, class Cut>
redis::reader::state read(std::string_view bytes, std::size_t expected, Handler& handler, redis::reply_kinds kinds,
                          Cut cut)
{
    redis::reader reader{longest_value};
    for (std::size_t done = 0; done < expected;) {
        auto const state = reader.next(handler, kinds);
        if (state == redis::reader::state::complete) {
            ++done;
        } else if (state != redis::reader::state::incomplete || bytes.empty()) {
            return state;
        } else {
            reader.fill([&](char* to, std::size_t room) {
                std::size_t const size = std::min({room, bytes.size(), std::max<std::size_t>(cut(), 1)});
                std::memcpy(to, bytes.data(), size);
                bytes.remove_prefix(size);
                return static_cast<std::ptrdiff_t>(size);
            });
        }
    }
    return redis::reader::state::complete;
}

/// The replies to an operation for `keys` keys.
template <class Op, class Cut> result answered(std::string_view bytes, std::size_t keys, std::size_t chunk, Cut cut)
{
    outcomes sink;
    sink.of_key.resize(keys);
    no_keys const batch{keys};
    auto const r = make_request<Op>(batch, sink);
    result made;
    auto const finish = [&](auto& replies, std::size_t number, redis::reply_kinds kinds) {
        made.state = read(bytes, number, replies, kinds, cut);
        bool const complete = made.state == redis::reader::state::complete;
        fuzz::require(!complete || std::ranges::none_of(sink.of_key, &std::string::empty),
                      "after all replies each key has its outcome");
        replies.fail(errc::protocol);
        fuzz::require(std::ranges::none_of(sink.of_key, &std::string::empty), "each key has an outcome");
    };
    if constexpr (!std::same_as<Op, op::get>) {
        redis::reply_per_key replies{r};
        if (chunk % 2 != 0) replies.expect_ignored();
        for (std::size_t i = keys; i > 0; --i) replies.expect(i - 1);
        finish(replies, replies.count(), decltype(replies)::expected);
    } else if (chunk == 0) {
        redis::value_reply replies{r};
        finish(replies, 1, decltype(replies)::expected);
    } else {
        redis::value_list_replies replies{r, chunk};
        finish(replies, (keys + chunk - 1) / chunk, decltype(replies)::expected);
    }
    made.outcome = sink.of_key;
    return made;
}

using reply_ptr = std::unique_ptr<redisReply, decltype([](redisReply* reply) { freeReplyObject(reply); })>;

/// The replies in `bytes` as hiredis builds them, up to `number`.
std::vector<reply_ptr> model_of_replies(std::string_view bytes, std::size_t number)
{
    std::unique_ptr<redisReader, decltype(&redisReaderFree)> const reader{redisReaderCreate(), &redisReaderFree};
    redisReaderFeed(reader.get(), bytes.data(), bytes.size());
    std::vector<reply_ptr> replies;
    void* whole = nullptr;
    while (replies.size() < number && redisReaderGetReply(reader.get(), &whole) == REDIS_OK && whole) {
        replies.emplace_back(static_cast<redisReply*>(whole));
    }
    return replies;
}

/// What a reply, or an element of one, is as an outcome.
std::string model_of_outcome(redisReply const& reply)
{
    switch (reply.type) {
    case REDIS_REPLY_STRING: return "hit " + std::string{reply.str, reply.len};
    case REDIS_REPLY_STATUS: return "hit";
    case REDIS_REPLY_INTEGER: return reply.integer != 0 ? "hit" : "miss";
    case REDIS_REPLY_NIL: return "miss";
    case REDIS_REPLY_ERROR: // which of its words are kept is another test's matter
        return "fail " + std::string{redis::from_server({reply.str, reply.len}).text()};
    default: return "no outcome";
    }
}

/// The outcome of each key, from complete replies.
template <class Op> std::vector<std::string> model(std::string_view bytes, std::size_t keys, std::size_t chunk)
{
    std::vector<std::string> outcome(keys, "no reply");
    if constexpr (!std::same_as<Op, op::get>) {
        std::size_t const each = chunk % 2 != 0 ? 2 : 1;
        auto const replies = model_of_replies(bytes, keys * each);
        for (std::size_t i = each - 1; i < replies.size(); i += each) {
            auto const& first = replies[i + 1 - each]; // of two the first one counts where it is an error
            auto const& counts = first->type == REDIS_REPLY_ERROR ? first : replies[i];
            bool const exists = std::same_as<Op, op::put> && counts->type == REDIS_REPLY_NIL;
            outcome[keys - 1 - i / each] = exists ? "fail " : model_of_outcome(*counts);
        }
    } else if (chunk == 0) {
        auto const replies = model_of_replies(bytes, 1);
        if (!replies.empty()) outcome[0] = model_of_outcome(*replies[0]);
    } else {
        std::size_t first = 0;
        for (auto const& reply : model_of_replies(bytes, (keys + chunk - 1) / chunk)) {
            std::size_t const due = std::min(chunk, keys - first);
            bool const list = reply->type == REDIS_REPLY_ARRAY && reply->elements == due;
            for (std::size_t i = 0; i < due; ++i) {
                outcome[first + i] = model_of_outcome(list ? *reply->element[i] : *reply);
            }
            first += due;
        }
    }
    return outcome;
}

template <class Op> void check(fuzz::input& in, std::size_t keys, std::size_t chunk)
{
    std::uint64_t cuts = in.number(3);
    std::string_view const bytes = in.rest();
    fuzz::memory_meter const meter;
    auto const at_once = answered<Op>(bytes, keys, chunk, [&] { return bytes.size(); });
    fuzz::require(meter.peak() <= 16 * bytes.size() + 256 * 1024,
                  "memory is bounded by a multiple of what was received");
    auto const in_pieces = answered<Op>(bytes, keys, chunk, [&] {
        cuts = cuts * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::size_t>(cuts >> 60);
    });
    // A line that exceeds the bounds is refused unless it has ended by the time it is looked at.
    bool const endless = bytes.size() > longest_value + 4096 && in_pieces.state == redis::reader::state::too_large;
    fuzz::require(at_once == in_pieces || endless, "it does not matter how the bytes are cut");

    if (at_once.state == redis::reader::state::complete) {
        fuzz::require(at_once.outcome == model<Op>(bytes, keys, chunk), "each key has the outcome that hiredis reads");
    }
}

/// What SCAN answers is kept, within bounds.
void check_scan(std::string_view bytes)
{
    fuzz::memory_meter const meter;
    redis::scan_reply reply;
    static_cast<void>(read(bytes, 1, reply, {redis::reply_kind::array, redis::reply_kind::error},
                           [&] { return bytes.size(); }));
    fuzz::require(meter.peak() <= 64 * bytes.size() + 256 * 1024,
                  "memory is bounded by a multiple of what was received");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    fuzz::input in{bytes, size};
    std::uint8_t const choice = in.byte();
    std::size_t const keys = 1 + choice / 5 % 8;
    switch (choice % 5) {
    case 0: check<op::get>(in, 1, 0); break;
    case 1: check<op::get>(in, keys, 3); break;
    case 2: check<op::put>(in, keys, 0); break;
    case 3: check<op::touch>(in, keys, choice / 40); break;
    default: check_scan(in.rest());
    }
    return 0;
}
