#pragma once

#include <strata/core/detail/coalescer.hpp>
#include <strata/core/detail/inlined.hpp>
#include <strata/core/detail/keys.hpp>
#include <strata/core/detail/link.hpp>
#include <strata/core/detail/policies.hpp>
#include <strata/core/layer.hpp>
#include <strata/core/name.hpp>
#include <strata/core/sink.hpp>
#include <strata/core/value.hpp>

#include <boost/config.hpp>
#include <boost/hana/fold_left.hpp>
#include <boost/hana/fwd/type.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {

namespace detail {

/// The layers of a stack, folded over its store into one type.
inline constexpr auto put_on = [](auto beneath, auto layer) {
    return boost::hana::type_c<link<typename decltype(layer)::type, typename decltype(beneath)::type>>;
};
template <class Store, class... Layers>
using chain = typename std::remove_cvref_t<decltype(boost::hana::fold_left(
    boost::hana::tuple_t<Layers...>, boost::hana::type_c<bottom<Store>>, put_on))>::type;

/// Stands for the layers of a stack that makes no sense, so that the sentence which says so is all there is to read.
struct nonsense {
    using key_type = bytes;
    using value_type = bytes;
    static constexpr bool concurrent = false;

    explicit nonsense(auto&&...) noexcept {}
    void run(auto const&) noexcept {}
};

/// The source of one value. Its type says how the value is lent and nothing of the key, so that the layers beneath are
/// compiled for few of them.
template <class Lent> struct one_value {
    Lent value;

    template <class Take> void operator()(std::size_t, Take&& take) { take(static_cast<Lent&&>(value)); }
};

} // namespace detail

/// A cache: a store and the layers over it, nearest the store first. It can be moved and not copied, and is shared by
/// reference; it may be used from several threads where its store or a `Lock` says so (`stack::concurrent`). One that
/// was moved from may only be destroyed or assigned to.
///
/// No operation throws, but for what user code throws and `std::bad_alloc`.
template <class Store, class... Layers> class stack {
    static_assert(store_policy<Store>, "strata: stack<S>: S is not a store; a store has a member type `store`");
    static_assert((layer_policy<Layers> && ...),
                  "strata: with<L>: L is not a layer; a layer has a member template `on<Next>`");

    static constexpr bool makes_sense = store_policy<Store> && (layer_policy<Layers> && ...);
    using chain = std::conditional_t<makes_sense, detail::chain<Store, Layers...>, detail::nonsense>;
    using values = detail::values_of<typename chain::value_type>;
    using natural = typename values::natural;

public:
    /// What keys and values are at the top of the stack: `bytes`, a type of objects, or `any_of<Format>`.
    using key_type = typename chain::key_type;
    using value_type = typename chain::value_type;

    /// This stack with one more layer around it.
    template <class Layer> using with = stack<Store, Layers..., Layer>;

    /// Whether operations may run in several threads at once.
    static constexpr bool concurrent = chain::concurrent;

    /// The stack with the settings given: policies as values, in any order; one left out takes its defaults.
    /// Throws `std::invalid_argument`, naming policy and field, for a setting that cannot be. It needs no server.
    template <class... Given>
        requires(!(std::same_as<Given, stack> || ...))
    explicit(sizeof...(Given) == 1) stack(Given... given)
        : chain_{make(std::tuple<Given...>{std::move(given)...})}
    {
    }

    stack(stack const&) = delete; // a stack is moved, or shared by reference
    stack(stack&&) = default;
    stack& operator=(stack const&) = delete; // a stack is moved, or shared by reference
    stack& operator=(stack&&) = default;

    /// "Redis | Encrypt<ChaCha20> | Prefix | Stats"
    [[nodiscard]] static constexpr std::string_view describe() noexcept { return description.view(); }

    /// The runtime part of the layer or store whose policy is `P`: the outermost one, or the `Nth` further in.
    template <class P, std::size_t Nth = 0> [[nodiscard]] decltype(auto) layer() noexcept
    {
        return chain_.template find<P, Nth>();
    }

    /// The value under `key`. `T` is a byte string (default `std::string`) on a store of bytes, any type that the
    /// format knows under `Serialize`, and the store's own type on a store of objects.
    template <class T = natural, class K> BOOST_FORCEINLINE lookup<T> get(K const& key)
    {
        lookup<T> result;
        if constexpr (check_get<T>() && check_copy<T>()) {
            detail::with_key<key_type>(key, [&](auto const& keys) STRATA_INLINED {
                detail::collect<T> sink{&result};
                chain_.run(make_request<op::get>(keys, sink));
            });
        }
        return result;
    }

    /// The value under `key` into `out`, which keeps its capacity and is untouched unless it is a hit.
    template <class T, class K> BOOST_FORCEINLINE lookup<void> get_to(K const& key, T& out)
    {
        lookup<void> result;
        if constexpr (check_get<T>() && check_copy<T>()) {
            detail::with_key<key_type>(key, [&](auto const& keys) STRATA_INLINED {
                detail::fill<T> sink{{&result}, out};
                chain_.run(make_request<op::get>(keys, sink));
            });
        }
        return result;
    }

    /// Lends the value under `key` to `f`, which is called for a hit alone and must not use this stack: no copy is made
    /// where the value lies in this process, and values that cannot be copied can be read. Bytes are a
    /// `std::string_view`; a stack whose format knows many types needs `T`, and one of `std::any` lends the `T` in it.
    template <class T = natural, class K, class F> BOOST_FORCEINLINE lookup<void> visit(K const& key, F&& f)
    {
        lookup<void> result;
        if constexpr (check_get<T>()) {
            detail::with_key<key_type>(key, [&](auto const& keys) STRATA_INLINED {
                detail::show<T, std::remove_reference_t<F>> sink{{&result}, f};
                chain_.run(make_request<op::get>(keys, sink));
            });
        }
        return result;
    }

    /// Stores `value` under `key`, replacing what is there, for `ttl` or the store's own lifetime.
    template <class K, class V> status put(K const& key, V&& value, lifetime ttl = {})
    {
        return store<op::put>(key, std::forward<V>(value), ttl);
    }

    /// Stores `value` only where there is nothing under `key`; `errc::exists` otherwise.
    template <class K, class V> status add(K const& key, V&& value, lifetime ttl = {})
    {
        return store<op::add>(key, std::forward<V>(value), ttl);
    }

    /// Removes the entry. A hit: it was there.
    template <class K> lookup<void> erase(K const& key) { return ask<op::erase>(key); }

    /// Whether there is an entry, without moving its value or changing its age.
    template <class K> lookup<void> contains(K const& key) { return ask<op::contains>(key); }

    /// Gives the entry a new lifetime.
    template <class K> lookup<void> touch(K const& key, lifetime ttl)
    {
        if (!ttl.valid()) return std::errc::invalid_argument;
        return ask<op::touch>(key, ttl);
    }

    /// The value under `key`, or on a miss or a failure what `make()` returns, which is then stored.
    /// What `make` throws reaches the caller, and nothing is stored. `make` runs without any lock.
    template <class K, class Make> auto get_or(K const& key, Make&& make, lifetime ttl = {})
    {
        using T = typename values::template made<std::remove_cvref_t<std::invoke_result_t<Make&>>>;
        if constexpr (check_get<T>() && check_copy<T>()) {
            auto const look = [&] { return get<T>(key); };
            auto const compute = [&] {
                T value = values::template convert<T>(std::invoke(make));
                static_cast<void>(put(key, value, ttl)); // a store that fails does not take the value from the caller
                return value;
            };
            if constexpr ((detail::coalesces<Layers> || ...)) {
                auto& once = layer<typename detail::coalescer<Layers...>::type>();
                return once.template get_or<T>([&] { return detail::owned_key<key_type>(key); }, look, compute);
            } else {
                if (auto found = look()) return *std::move(found);
                return compute();
            }
        } else {
            return T(std::invoke(make));
        }
    }

    /// The values under `keys`, in their order, in one round trip.
    template <class T = natural, std::ranges::forward_range Keys> std::vector<lookup<T>> get_many(Keys const& keys)
    {
        std::vector<lookup<T>> results(detail::size_of(keys));
        if constexpr (check_get<T>() && check_copy<T>()) {
            detail::with_keys<key_type>(keys, std::identity{}, [&](auto const& batch) {
                detail::collect<T> sink{results.data()};
                chain_.run(make_request<op::get>(batch, sink));
            });
        }
        return results;
    }
    template <class T = natural> std::vector<lookup<T>> get_many(std::initializer_list<std::string_view> keys)
    {
        return get_many<T, std::initializer_list<std::string_view>>(keys);
    }

    /// Stores all `entries` (pairs of key and value) for `ttl`, in one round trip.
    template <std::ranges::random_access_range Entries>
    std::vector<status> put_many(Entries const& entries, lifetime ttl = {})
    {
        using given = std::remove_cvref_t<decltype(std::get<1>(*std::ranges::begin(entries)))>;
        if (!ttl.valid()) return std::vector<status>(detail::size_of(entries), status{std::errc::invalid_argument});
        std::vector<status> results(detail::size_of(entries));
        if constexpr (check_put<given>()) {
            constexpr auto key = [](auto const& entry) -> auto const& { return std::get<0>(entry); };
            detail::with_keys<key_type>(entries, key, [&](auto const& batch) {
                auto source = [&](std::size_t i, auto&& take) {
                    take(lend(std::get<1>(std::ranges::begin(entries)[static_cast<std::ptrdiff_t>(i)])));
                };
                detail::confirm sink{results.data()};
                chain_.run(make_request<op::put>(batch, sink, source, ttl));
            });
        }
        return results;
    }
    std::vector<status> put_many(std::initializer_list<std::pair<std::string_view, std::string_view>> entries,
                                 lifetime ttl = {})
    {
        return put_many<std::initializer_list<std::pair<std::string_view, std::string_view>>>(entries, ttl);
    }

    /// Removes the entries under `keys`, in one round trip.
    template <std::ranges::forward_range Keys> std::vector<lookup<void>> erase_many(Keys const& keys)
    {
        std::vector<lookup<void>> results(detail::size_of(keys));
        detail::with_keys<key_type>(keys, std::identity{}, [&](auto const& batch) {
            detail::collect<void> sink{results.data()};
            chain_.run(make_request<op::erase>(batch, sink));
        });
        return results;
    }
    std::vector<lookup<void>> erase_many(std::initializer_list<std::string_view> keys)
    {
        return erase_many<std::initializer_list<std::string_view>>(keys);
    }

    /// Removes this stack's entries where the store can tell them apart: a prefix stands below any layer that hashes
    /// keys, or the store's settings say that the stack owns all of it. `errc::unsupported` otherwise.
    status clear()
    {
        status result;
        detail::confirm sink{&result};
        chain_.run(make_request<op::clear>(everything, sink));
        return result;
    }

    /// The number of this stack's entries, where the store can tell.
    lookup<std::size_t> size()
    {
        lookup<std::size_t> result;
        detail::collect<std::size_t> sink{&result};
        chain_.run(make_request<op::size>(everything, sink));
        return result;
    }

    /// Sends a request of any operation down the stack, for operations that are not listed here.
    template <class R> void run(R const& r) { chain_.run(r); }

private:
    static constexpr scope<key_view<>> everything{key_view<>{std::tuple{}}};
    static constexpr auto description = (name_of<Store>() + ... + (fixed_string{" | "} + name_of<Layers>()));

    template <class... Given> static chain make(std::tuple<Given...> given)
    {
        (detail::given_to<Given, Store, Layers...>(), ...);
        static_assert(((detail::count_of<Given, Given...> <= detail::count_of<Given, Store, Layers...> ||
                        detail::count_of<Given, Store, Layers...> == 0) && ...),
                      "strata: a policy was given more often than it stands in the stack");
        auto settings = detail::policies<Store, Layers...>::arrange(std::move(given));
        return chain(std::integral_constant<std::size_t, sizeof...(Layers)>{}, settings);
    }

    /// Whether a `T` can be got, with the sentence for one that cannot; no other error is to follow it.
    template <class T> static consteval bool check_get()
    {
        constexpr bool chosen = !std::is_void_v<T>;
        static_assert(chosen, "strata: this stack holds any type that its format knows: say which one, as in "
                              "get<User>(key)");
        constexpr bool held = values::template holds<T>;
        explain<!chosen || held>();
        return chosen && held;
    }
    /// Whether a value that lies in the store can be copied to the caller.
    template <class T> static consteval bool check_copy()
    {
        constexpr bool copies = !values::of_objects || std::copy_constructible<T>;
        static_assert(copies, "strata: values that can only be moved cannot be got, only visited where they lie: "
                              "visit(key, f)");
        return copies;
    }
    template <class T> static consteval bool check_put()
    {
        constexpr bool taken = values::template takes<T>;
        explain<taken>();
        return taken;
    }
    template <bool Held> static consteval void explain()
    {
        constexpr bool objects = values::of_objects;
        static_assert(Held || objects,
                      "strata: this stack cannot hold a value of this type; a store of bytes holds std::string and the "
                      "like, and with<Serialize<Format>> any type that the format knows");
        static_assert(Held || !objects,
                      "strata: this stack holds objects of one type, as its Memory<Key, Value> says, and this is not "
                      "one of them");
    }

    template <class Op, class K> BOOST_FORCEINLINE lookup<void> ask(K const& key, lifetime ttl = {})
    {
        lookup<void> result;
        detail::with_key<key_type>(key, [&](auto const& keys) STRATA_INLINED {
            detail::collect<void> sink{&result};
            chain_.run(make_request<Op>(keys, sink, ttl));
        });
        return result;
    }

    template <class Op, class K, class V> status store(K const& key, V&& value, lifetime ttl)
    {
        if (!ttl.valid()) return std::errc::invalid_argument;
        status result;
        if constexpr (check_put<V>()) {
            detail::with_key<key_type>(key, [&](auto const& keys) {
                detail::one_value<decltype(lend(std::forward<V>(value)))> source{lend(std::forward<V>(value))};
                detail::confirm sink{&result};
                chain_.run(make_request<Op>(keys, sink, source, ttl));
            });
        }
        return result;
    }

    /// A value as it starts its way down: an rvalue of what the store holds may be moved from, bytes go as a view.
    template <class V> static decltype(auto) lend(V&& value)
    {
        using plain = std::remove_cvref_t<V>;
        if constexpr (std::same_as<typename chain::value_type, bytes>) {
            if constexpr (std::same_as<V, std::string>) {
                return std::move(value);
            } else {
                return view_bytes(value);
            }
        } else if constexpr (!std::same_as<stored_t<plain>, plain>) {
            return std::string_view{value};
        } else {
            return std::forward<V>(value);
        }
    }

    chain chain_;
};

template <class Store, class... Layers> stack(Store, Layers...) -> stack<Store, Layers...>;

} // namespace strata
