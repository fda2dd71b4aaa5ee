#pragma once

#include <strata/core/request.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

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

/// Sends `r` through the hooks of `layer` to `next`. It is what happens to each request that a layer does not take
/// over; one that takes a request over may call it as well. (core/detail/passage.hpp is how.)
template <class L, class Next, class R> void pass(L& layer, Next& next, R const& r);

/// `P` can be given to `with`.
template <class P>
concept layer_policy = requires { typename P::template on<bytes>; };

/// `P` can be the store of a stack.
template <class P>
concept store_policy = requires { typename P::store; };

} // namespace strata
