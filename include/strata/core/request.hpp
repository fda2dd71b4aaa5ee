#pragma once

#include <strata/core/key.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/core/lookup.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

/// What travels down a stack: an operation with its keys, where its values come from and where its outcomes go.
///
/// Keys are a batch: `size()` and `operator[](i)`, which is cheap and may be called again. A single key is the batch
/// whose size is the constant 1, so each layer and store has one body for both, and the compiler removes the loop.
///
/// A source is called as `source(i, take)`. It calls `take(value)` with the i-th value, valid during that call, or
/// reports to the sink why there is none.
///
/// A sink gets exactly one outcome for each key: `hit(i, value)`, `hit(i)` (done, without a value), `miss(i)` or
/// `fail(i, failure)`. A value is lent for the call: `std::string_view` from a store of bytes.
namespace strata {

/// What an operation can concern. A layer that changes one of these has to know every part that concerns it.
enum class aspect { key, value, lifetime };

/// The parts of which operations are made. A new kind of operation may bring a part of its own.
namespace part {

struct keys {
    static constexpr aspect concerns = aspect::key;
};
struct scope { ///< All entries whose key starts with the prefix that the layers above have built.
    static constexpr aspect concerns = aspect::key;
};
struct values_down {
    static constexpr aspect concerns = aspect::value;
};
struct values_up {
    static constexpr aspect concerns = aspect::value;
};
struct new_lifetime { ///< A lifetime for what is stored already, without its value.
    static constexpr aspect concerns = aspect::lifetime;
};

} // namespace part

template <class... Parts> struct carries {
    template <class Part> static constexpr bool has = (std::same_as<Part, Parts> || ...);
};

/// The operations. Each says what it carries; that decides which hooks of a layer it meets.
namespace op {

struct get : carries<part::keys, part::values_up> {};
struct put : carries<part::keys, part::values_down> {};
struct add : carries<part::keys, part::values_down> {};
struct erase : carries<part::keys> {};
struct contains : carries<part::keys> {};
struct touch : carries<part::keys, part::new_lifetime> {};
struct clear : carries<part::scope> {};
struct size : carries<part::scope> {};

} // namespace op

/// For an operation without values from the caller.
struct no_source {};

template <class Op, class Keys, class Sink, class Source = no_source> struct request {
    using operation = Op;
    using keys_type = Keys;
    using sink_type = Sink;
    using source_type = Source;

    Keys const& keys;
    Sink& sink;
    Source& source;
    lifetime ttl = {};
};

/// `R` is a request for the operation `Op`: `void run(asks<op::get> auto const& r)`.
template <class R, class Op>
concept asks = std::same_as<typename std::remove_cvref_t<R>::operation, Op>;

/// Makes a request; the operation is named, the rest deduced.
template <class Op, class Keys, class Sink>
[[nodiscard]] auto make_request(Keys const& keys, Sink& sink, lifetime ttl = {})
{
    static no_source none;
    return request<Op, Keys, Sink>{keys, sink, none, ttl};
}
template <class Op, class Keys, class Sink, class Source>
[[nodiscard]] auto make_request(Keys const& keys, Sink& sink, Source& source, lifetime ttl)
{
    return request<Op, Keys, Sink, Source>{keys, sink, source, ttl};
}

/// The batch of one.
template <class Key> struct single_key {
    Key key;
    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] constexpr Key const& operator[](std::size_t) const noexcept { return key; }
};
template <class Key> single_key(Key) -> single_key<Key>;

/// `Keys` is a batch of one by its type.
template <class Keys>
concept single = requires { requires std::bool_constant<(Keys::size() == 1)>::value; };

/// The keys of an operation on all entries: those that start with `prefix`. Where a layer has changed keys so that the
/// prefix can no longer be told, `exact` is false.
template <class Prefix> struct scope {
    Prefix prefix;
    bool exact = true;
};
template <class Prefix> scope(Prefix) -> scope<Prefix>;
template <class Prefix> scope(Prefix, bool) -> scope<Prefix>;

template <class Op>
concept scoped = Op::template has<part::scope>;

/// Marks, as the `key_type` or `value_type` of a store, one that takes bytes rather than objects.
struct bytes {};

/// Reports the same failure for all keys of a request.
template <class R> void fail_all(R const& r, failure const& reason)
{
    if constexpr (scoped<typename R::operation>) {
        r.sink.fail(0, reason);
    } else {
        for (std::size_t i = 0; i < r.keys.size(); ++i) r.sink.fail(i, reason);
    }
}

} // namespace strata
