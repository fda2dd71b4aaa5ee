#pragma once

#include <strata/core/request.hpp>
#include <strata/core/scratch.hpp>

#include <boost/container/small_vector.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// What a layer is, and how a request passes one.
///
/// A layer is a policy (a plain struct of settings) with a member template `on<Next>`: its runtime part, made from the
/// policy, where `Next` is the type of what lies beneath. The runtime part says by its hooks, and by nothing else, what
/// the layer does; it neither holds nor inherits from what is beneath:
///
///     prefix()                        keys get this piece in front
///     key(k)                          keys become what this returns, which converts to `std::string_view`
///     encode(in, out), decode(in, out)   values change on their way down and up
///     seal(key, ttl, in, out), open(key, in, out)   likewise, bound to what `key(k)` returned and to the lifetime
///     observe(operation, outcome)     watches: `hit_t`, `miss_t` or `failure const&`
///     run(request, next)              takes requests over and sends below what it likes
///     over(next)                      what `stack.layer<P>()` returns, for one that asks what is beneath when it is asked
///
/// `encode` and `seal` return `status`; `decode` and `open` return `lookup<void>`, with the value in `out`. `out` is an
/// empty `std::string`, or the `buffer` type that the layer names.
namespace strata {

template <class L> struct buffer_of {
    using type = std::string;
};
template <class L>
    requires requires { typename L::buffer; }
struct buffer_of<L> {
    using type = typename L::buffer;
};
template <class L> using buffer_of_t = typename buffer_of<L>::type;

template <class L>
concept prefixes = requires(L const& l) { l.prefix(); };

template <class L>
concept rekeys = requires(L& l, key_view<piece> k) { std::string_view{l.key(k)}; };

template <class L>
concept encodes = requires(L& l, std::string_view in, buffer_of_t<L>& out) {
    { l.encode(in, out) } -> std::same_as<status>;
};
template <class L>
concept decodes = requires(L& l, std::string_view in, buffer_of_t<L>& out) {
    { l.decode(in, out) } -> std::same_as<lookup<void>>;
};

template <class L>
concept seals = requires(L& l, key_view<piece> k, lifetime ttl, std::string_view in, buffer_of_t<L>& out) {
    { l.seal(l.key(k), ttl, in, out) } -> std::same_as<status>;
};
template <class L>
concept opens = requires(L& l, key_view<piece> k, std::string_view in, buffer_of_t<L>& out) {
    { l.open(l.key(k), in, out) } -> std::same_as<lookup<void>>;
};

/// A layer that turns objects into bytes names the format that does it. Its hooks are `encode(object, out)` and
/// `decode<T>(in)`, which returns `lookup<T>`.
template <class L>
concept formats = requires { typename L::format; };

template <class L>
concept observes = requires(L& l) { l.observe(op::get{}, hit); };

template <class L, class R, class Next>
concept takes = requires(L& l, R const& r, Next& next) { l.run(r, next); };

template <class L, class Next>
concept shown_over = requires(L& l, Next& next) { l.over(next); };

template <class L, aspect A>
inline constexpr bool changes = false;
template <class L> inline constexpr bool changes<L, aspect::key> = prefixes<L> || rekeys<L>;
template <class L>
inline constexpr bool changes<L, aspect::value> =
    encodes<L> || decodes<L> || seals<L> || opens<L> || formats<L>;
template <class L> inline constexpr bool changes<L, aspect::lifetime> = seals<L>;

/// Whether the core can take a part of an operation through the hooks of a layer that changes what the part concerns.
/// A part that is new to this list passes no such layer, until the layer takes the operation over with `run`.
template <class L, class Part> inline constexpr bool has_hook_for = false;
template <class L> inline constexpr bool has_hook_for<L, part::keys> = true;
template <class L> inline constexpr bool has_hook_for<L, part::scope> = true;
template <class L>
inline constexpr bool has_hook_for<L, part::values_down> = encodes<L> || seals<L> || formats<L>;
template <class L> inline constexpr bool has_hook_for<L, part::values_up> = decodes<L> || opens<L> || formats<L>;

namespace detail {

template <class L, class... Parts> consteval bool lets_pass(carries<Parts...> const*)
{
    return ((!changes<L, Parts::concerns> || has_hook_for<L, Parts>) && ...);
}

} // namespace detail

template <class L, class Op>
inline constexpr bool lets_pass = detail::lets_pass<L>(static_cast<Op const*>(nullptr));

namespace detail {

/// Keys with a prefix in front, made anew whenever they are asked for.
template <class Keys, class Prefix> struct prefixed_keys {
    Keys const& keys;
    Prefix prefix;

    [[nodiscard]] constexpr std::size_t size() const noexcept
        requires(!single<Keys>)
    {
        return keys.size();
    }
    [[nodiscard]] static constexpr std::size_t size() noexcept
        requires single<Keys>
    {
        return 1;
    }
    [[nodiscard]] constexpr auto operator[](std::size_t i) const noexcept { return keys[i].prepend(prefix); }
};

/// Keys that a layer made, kept for the life of the request.
template <class Made, class Keys> class made_keys {
public:
    template <class L> made_keys(L& layer, Keys const& keys)
    {
        if constexpr (single<Keys>) {
            made_.emplace_back(layer.key(keys[0]));
        } else {
            made_.reserve(keys.size());
            for (std::size_t i = 0; i < keys.size(); ++i) made_.emplace_back(layer.key(keys[i]));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept
        requires(!single<Keys>)
    {
        return made_.size();
    }
    [[nodiscard]] static constexpr std::size_t size() noexcept
        requires single<Keys>
    {
        return 1;
    }
    [[nodiscard]] auto operator[](std::size_t i) const noexcept { return key_view{std::string_view{made_[i]}}; }
    [[nodiscard]] Made const& made(std::size_t i) const noexcept { return made_[i]; }

private:
    boost::container::small_vector<Made, 1> made_;
};

template <class L, class Operation, class Sink> struct observing_sink {
    using wants = typename Sink::wants;

    L& layer;
    Sink& above;

    template <class... Value> void hit(std::size_t i, Value&&... value)
    {
        layer.observe(Operation{}, strata::hit);
        above.hit(i, std::forward<Value>(value)...);
    }
    void miss(std::size_t i)
    {
        layer.observe(Operation{}, strata::miss);
        above.miss(i);
    }
    void fail(std::size_t i, failure const& reason)
    {
        layer.observe(Operation{}, reason);
        above.fail(i, reason);
    }
};

template <class L, class Keys, class Sink> struct decoding_sink {
    using wants = bytes;

    L& layer;
    Keys const& keys;
    Sink& above;

    void hit(std::size_t i, std::string_view in)
    {
        if constexpr (formats<L>) {
            auto found = layer.template decode<typename Sink::wants>(in);
            if (found.hit()) return above.hit(i, *std::move(found));
            report(i, found);
        } else {
            scratch<buffer_of_t<L>> out;
            lookup<void> const found = decoded(i, in, *out);
            if (found.hit()) return above.hit(i, out.view());
            report(i, found);
        }
    }
    void miss(std::size_t i) { above.miss(i); }
    void fail(std::size_t i, failure const& reason) { above.fail(i, reason); }

private:
    lookup<void> decoded(std::size_t i, std::string_view in, buffer_of_t<L>& out)
    {
        if constexpr (opens<L>) {
            return layer.open(keys.made(i), in, out);
        } else {
            return layer.decode(in, out);
        }
    }

    void report(std::size_t i, auto const& found)
    {
        if (found.miss()) return above.miss(i);
        above.fail(i, found.reason());
    }
};

template <class L, class Keys, class Source, class Sink> struct encoding_source {
    L& layer;
    Keys const& keys;
    lifetime ttl;
    Source& above;
    Sink& sink;

    template <class Take> void operator()(std::size_t i, Take&& take)
    {
        above(i, [&](auto const& value) {
            scratch<buffer_of_t<L>> out;
            if (status const done = encoded(i, value, *out)) {
                take(out.view());
            } else {
                sink.fail(i, done.reason());
            }
        });
    }

private:
    status encoded(std::size_t i, auto const& value, buffer_of_t<L>& out)
    {
        if constexpr (seals<L>) {
            return layer.seal(keys.made(i), ttl, value, out);
        } else {
            return layer.encode(value, out);
        }
    }
};

/// The keys of `r` as they are below the layer.
template <class L, class R> decltype(auto) keys_below(L& layer, R const& r)
{
    using keys_type = typename R::keys_type;
    if constexpr (scoped<typename R::operation>) {
        if constexpr (prefixes<L>) {
            return scope{r.keys.prefix.prepend(layer.prefix()), r.keys.exact};
        } else if constexpr (rekeys<L>) {
            bool const everything = r.keys.exact && r.keys.prefix.size() == 0;
            return scope{key_view<>{std::tuple{}}, everything};
        } else {
            return (r.keys);
        }
    } else if constexpr (prefixes<L>) {
        return prefixed_keys<keys_type, decltype(layer.prefix())>{r.keys, layer.prefix()};
    } else if constexpr (rekeys<L>) {
        return made_keys<decltype(layer.key(r.keys[0])), keys_type>{layer, r.keys};
    } else {
        return (r.keys);
    }
}

/// Sends `r` through the hooks of a layer that has one for each part of it.
template <class L, class Next, class R> void pass_hooks(L& layer, Next& next, R const& r)
{
    using operation = typename R::operation;
    auto&& keys = keys_below(layer, r);
    using keys_type = std::remove_cvref_t<decltype(keys)>;

    auto const send = [&](auto& sink, auto& source) {
        next.run(request<operation, keys_type, std::remove_reference_t<decltype(sink)>,
                         std::remove_reference_t<decltype(source)>>{keys, sink, source, r.ttl});
    };
    auto const with_sink = [&](auto& sink) {
        using sink_type = std::remove_reference_t<decltype(sink)>;
        if constexpr (operation::template has<part::values_down> && changes<L, aspect::value>) {
            encoding_source<L, keys_type, typename R::source_type, sink_type> source{
                layer, keys, r.ttl.or_else(next.default_lifetime()), r.source, sink};
            send(sink, source);
        } else if constexpr (operation::template has<part::values_up> && changes<L, aspect::value>) {
            decoding_sink<L, keys_type, sink_type> decoding{layer, keys, sink};
            send(decoding, r.source);
        } else {
            send(sink, r.source);
        }
    };

    if constexpr (observes<L>) {
        observing_sink<L, operation, typename R::sink_type> sink{layer, r.sink};
        with_sink(sink);
    } else {
        with_sink(r.sink);
    }
}

} // namespace detail

/// Sends `r` through the hooks of `layer` to `next`. It is what happens to each request that a layer does not take
/// over; one that takes a request over may call it as well.
template <class L, class Next, class R> void pass(L& layer, Next& next, R const& r)
{
    using operation = typename R::operation;
    if constexpr (!lets_pass<L, operation>) {
        static_assert(lets_pass<L, operation>,
                      "strata: this layer changes keys, values or lifetimes, and has no hook for all that this "
                      "operation carries of them; give it the hook, or a `run` for the operation");
    } else {
        detail::pass_hooks(layer, next, r);
    }
}

/// `P` can be given to `with`.
template <class P>
concept layer_policy = requires { typename P::template on<bytes>; };

/// `P` can be the store of a stack.
template <class P>
concept store_policy = requires { typename P::store; };

namespace detail {

/// The runtime part of a policy: made from it, or, where it has no settings, from nothing.
template <class Part, class Policy> Part make_part(Policy&& settings)
{
    if constexpr (std::constructible_from<Part, Policy>) {
        return Part(std::forward<Policy>(settings));
    } else {
        static_assert(std::is_empty_v<Policy>, "strata: the runtime part of this policy cannot be made from its settings");
        return Part{};
    }
}

/// One layer and what lies beneath it. It is the only place where a layer meets its neighbour.
template <class Policy, class Next> class link {
public:
    using policy = Policy;
    using beneath = Next;
    using layer_type = typename Policy::template on<Next>;
    using key_type = typename Next::key_type;
    using value_type = typename std::conditional_t<formats<layer_type>, layer_type, Next>::value_type;

    static_assert(prefixes<layer_type> || rekeys<layer_type> || changes<layer_type, aspect::value> ||
                      observes<layer_type> || shown_over<layer_type, Next> || requires { layer_type::takes_over; },
                  "strata: this is not a layer: it has no hook (prefix, key, encode and decode, seal and open, "
                  "observe, over), and does not say that it takes requests over");
    static_assert(!changes<layer_type, aspect::key> || std::same_as<key_type, bytes>,
                  "strata: this layer changes keys of bytes, and the store beneath has a key type of its own; use "
                  "Memory<std::string, ...>, or leave the layer out");
    static_assert(!changes<layer_type, aspect::value> || std::same_as<typename Next::value_type, bytes>,
                  "strata: this layer works on bytes, and what is beneath it takes objects; put Serialize further "
                  "out, after the layers that work on bytes, over a store of bytes");

    static constexpr bool concurrent = requires { requires layer_type::concurrent; } || Next::concurrent;

    template <std::size_t Depth, class Policies>
    link(std::integral_constant<std::size_t, Depth>, Policies& policies)
        : next_{std::integral_constant<std::size_t, Depth - 1>{}, policies}
        , layer_{make_part<layer_type>(std::move(std::get<Depth>(policies)))}
    {
    }

    template <class R> void run(R const& r)
    {
        if constexpr (takes<layer_type, R, Next>) {
            layer_.run(r, next_);
        } else {
            pass(layer_, next_, r);
        }
    }

    [[nodiscard]] lifetime default_lifetime() const { return next_.default_lifetime(); }

    /// The runtime part of the `Nth` layer or store, from the outermost in, whose policy is `P`.
    template <class P, std::size_t Nth> [[nodiscard]] decltype(auto) find() noexcept
    {
        if constexpr (!std::same_as<P, Policy>) {
            return next_.template find<P, Nth>();
        } else if constexpr (Nth > 0) {
            return next_.template find<P, Nth - 1>();
        } else if constexpr (shown_over<layer_type, Next>) {
            return layer_.over(next_);
        } else {
            return (layer_);
        }
    }

private:
    [[no_unique_address]] Next next_;
    [[no_unique_address]] layer_type layer_;
};

/// The store at the bottom of a stack.
template <class Policy> class bottom {
public:
    using policy = Policy;
    using store_type = typename Policy::store;
    using key_type = typename store_type::key_type;
    using value_type = typename store_type::value_type;

    static constexpr bool concurrent = store_type::concurrent;

    template <class Policies>
    bottom(std::integral_constant<std::size_t, 0>, Policies& policies)
        : store_{make_part<store_type>(std::move(std::get<0>(policies)))}
    {
    }

    template <class R> void run(R const& r)
    {
        if constexpr (requires { store_.run(r); }) {
            store_.run(r);
        } else {
            static_assert(requires { store_.run(r); }, "strata: the store beneath does not know this operation");
        }
    }

    [[nodiscard]] lifetime default_lifetime() const { return store_.default_lifetime(); }

    template <class P, std::size_t Nth> [[nodiscard]] decltype(auto) find() noexcept
    {
        static_assert(std::same_as<P, Policy> && Nth == 0, "strata: layer<P>(): P is not in this stack so often");
        return (store_);
    }

private:
    [[no_unique_address]] store_type store_;
};

} // namespace detail

} // namespace strata
