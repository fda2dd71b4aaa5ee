#pragma once

#include <strata/core/detail/passage.hpp>
#include <strata/core/layer.hpp>

#include <boost/config.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// What holds the layers of a stack.
namespace strata::detail {

/// The runtime part of a policy: made from it, or, where it has no settings, from nothing.
template <class Part, class Policy> Part make_part(Policy&& settings)
{
    if constexpr (std::constructible_from<Part, Policy>) {
        return Part(std::forward<Policy>(settings));
    } else {
        static_assert(std::is_empty_v<Policy>,
                      "strata: the runtime part of this policy cannot be made from its settings");
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

    template <class R> BOOST_FORCEINLINE void run(R const& r)
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

} // namespace strata::detail
