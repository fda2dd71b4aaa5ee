#pragma once

#include <strata/core/key_text.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/core/lookup.hpp>
#include <strata/core/value.hpp>

#include <boost/callable_traits/function_type.hpp>

#include <concepts>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// Functions whose results a cache keeps.
namespace strata {

/// The key policy that is taken where none is given: the arguments as a compact JSON array, `["hello",3]`.
struct arguments_as_json {};

/// A function whose results are kept in a cache. `memoize` makes one.
///
/// A call looks for the result in the cache, computes it where there is none or where the cache fails, and stores it.
/// No lock is held while the function runs, so it may call itself through the cache. What it throws reaches the caller,
/// and nothing is stored. A cache that fails costs time, never a result.
///
/// The cache, and an object that was given by reference, must outlive it. It is as safe from many threads as the cache,
/// the function and the key policy are.
template <class Cache, class Signature, class Function, class KeyPolicy = arguments_as_json> class memoized;

template <class Cache, class Result, class... Args, class Function, class KeyPolicy>
class memoized<Cache, Result(Args...), Function, KeyPolicy> {
    static constexpr bool text_keys = std::same_as<typename Cache::key_type, bytes>;

public:
    /// What a call returns: the function's result without reference and `const`; text is a `std::string`.
    using result_type = stored_t<std::remove_cvref_t<Result>>;

    /// Throws `std::invalid_argument` for a prefix where keys are not text and so cannot have one.
    memoized(Cache& results, std::string prefix, Function function, KeyPolicy policy = {})
        : cache_{&results}, prefix_{std::move(prefix)}, function_(std::move(function)), policy_(std::move(policy))
    {
        if (!text_keys && !prefix_.empty()) {
            throw std::invalid_argument{"memoize.prefix: the keys of this store are not text, so they take no prefix; "
                                        "leave it empty, and let the key policy tell functions apart"};
        }
    }

    /// The result for these arguments, from the cache or computed.
    result_type operator()(Args... args) const
    {
        return with_key(
            [&](auto const& key) {
                auto const compute = [&]() -> decltype(auto) { return call(std::forward<Args>(args)...); };
                return static_cast<result_type>(cache_->get_or(key, compute, ttl_));
            },
            args...);
    }

    /// Whether the result for these arguments is in the cache.
    lookup<void> contains(std::remove_cvref_t<Args> const&... args) const
    {
        return with_key([&](auto const& key) { return cache_->contains(key); }, args...);
    }

    /// Removes the result for these arguments. A hit: it was there.
    lookup<void> erase(std::remove_cvref_t<Args> const&... args) const
    {
        return with_key([&](auto const& key) { return cache_->erase(key); }, args...);
    }

    /// What the function itself returns, with the cache neither asked nor told.
    Result uncached(Args... args) const { return call(std::forward<Args>(args)...); }

    /// The key of the result for these arguments: a `std::string`, or what the store's keys are.
    [[nodiscard]] auto key(std::remove_cvref_t<Args> const&... args) const
    {
        return with_key(
            [](auto const& key) {
                if constexpr (text_keys) {
                    return std::string{key};
                } else {
                    return key;
                }
            },
            args...);
    }

    /// Results that are stored from now on live for `time`; without it they have the store's own lifetime. Throws
    /// `std::invalid_argument` unless it is positive. Not to be called while another thread uses this object.
    memoized& ttl(lifetime time) &
    {
        if (!time.valid()) throw std::invalid_argument{"memoize.ttl: a lifetime must be positive"};
        ttl_ = time;
        return *this;
    }
    memoized&& ttl(lifetime time) && { return std::move(ttl(time)); }

private:
    template <class... A> decltype(auto) call(A&&... args) const
    {
        return std::invoke(function_, std::forward<A>(args)...);
    }

    /// Calls `f` with the key of these arguments, in the form that the cache takes.
    template <class F> auto with_key(F&& f, std::remove_cvref_t<Args> const&... args) const
    {
        if constexpr (!text_keys) {
            typename Cache::key_type const key = std::invoke(policy_, args...);
            return f(key);
        } else {
            key_buffer text;
            append(text, prefix_);
            if constexpr (std::same_as<KeyPolicy, arguments_as_json>) {
                append_json(text, std::tie(args...));
            } else {
                auto const& key = std::invoke(policy_, args...);
                if constexpr (text_key<std::remove_cvref_t<decltype(key)>>) {
                    append(text, key);
                } else {
                    append_json(text, key);
                }
            }
            return f(std::string_view{text.data(), text.size()});
        }
    }

    Cache* cache_;
    std::string prefix_;
    lifetime ttl_{};
    [[no_unique_address]] mutable Function function_;
    [[no_unique_address]] mutable KeyPolicy policy_;
};

namespace detail {

template <class F>
concept has_signature = requires { typename boost::callable_traits::function_type_t<F>; };

/// The signature of a callable, or the one that was named instead.
template <class Named, class F> struct callable_signature {
    using type = Named;
};
template <has_signature F> struct callable_signature<void, F> {
    using type = boost::callable_traits::function_type_t<F>;
};

/// The signature of a member function without its object.
template <class F> struct member_signature;
template <class R, class Object, class... A> struct member_signature<R(Object, A...)> {
    using type = R(A...);
};
template <class F>
using member_signature_t = typename member_signature<boost::callable_traits::function_type_t<F>>::type;

template <class A>
inline constexpr bool out_argument = std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>;

/// Whether the results of a function can be kept; says what to change where they cannot.
template <class Cache, class KeyPolicy> struct memoizable {
    using values = values_of<typename Cache::value_type>;

    template <class T> static consteval bool holds()
    {
        using made = typename values::template made<std::remove_cvref_t<T>>;
        return values::template holds<made>;
    }

    template <class R, class... A> static consteval bool check(std::type_identity<R(A...)>)
    {
        if constexpr (std::is_void_v<R>) {
            static_assert(!std::is_void_v<R>, "strata: memoize: a function without a result leaves nothing to keep");
            return false;
        } else if constexpr (!holds<R>()) {
            static_assert(holds<R>(),
                          "strata: memoize: this stack cannot hold the result of the function; with "
                          "with<Serialize<Format>> it holds any type that the format knows");
            return false;
        } else if constexpr ((out_argument<A> || ...)) {
            static_assert(!(out_argument<A> || ...),
                          "strata: memoize: the function could change an argument that it takes by a reference which "
                          "is not const, and a result from the cache would not; take it by value or const reference");
            return false;
        } else if constexpr (!std::same_as<KeyPolicy, arguments_as_json>) {
            constexpr bool right = std::invocable<KeyPolicy const&, std::remove_cvref_t<A> const&...> ||
                                   std::invocable<KeyPolicy&, std::remove_cvref_t<A> const&...>;
            static_assert(right, "strata: memoize: the key policy cannot be called with the function's arguments");
            return right;
        } else {
            constexpr bool native = !std::same_as<typename Cache::key_type, bytes>;
            static_assert(!native, "strata: memoize: the keys of this store are not text; give memoize a key policy "
                                   "that makes a key of the arguments");
            constexpr bool keys = (key_part<std::remove_cvref_t<A>> && ...);
            static_assert(keys, "strata: memoize: an argument is of a type that cannot be part of a key; give memoize "
                                "a key policy that makes a key of the arguments, or adapt the type for Boost.Hana");
            return !native && keys;
        }
    }
};

/// A member function and its object.
template <class Member, class Object> struct bound_member {
    Member member;
    Object object;

    template <class... A> decltype(auto) operator()(A&&... args)
    {
        return std::invoke(member, object, std::forward<A>(args)...);
    }
};

/// How the object of a member function is kept: a named object by reference, a temporary one by value; pointers of all
/// kinds are copied or moved.
template <class Class, class Object>
using kept_object = std::conditional_t<std::is_base_of_v<Class, std::remove_cvref_t<Object>> &&
                                           std::is_lvalue_reference_v<Object>,
                                       std::reference_wrapper<std::remove_reference_t<Object>>, std::decay_t<Object>>;

template <class Class, class F> Class class_of(F Class::*);

/// What `memoize` returns after it has said why it cannot.
struct not_memoized {};

} // namespace detail

/// `function` with its results kept in `cache`, under `prefix` and then the arguments as a compact JSON array:
/// `acme.["hello",3]`. A key policy is called with the arguments and returns what stands in the place of that array;
/// where the store's keys are not text, it returns the whole key, and the prefix is empty.
///
///     auto acme = memoize(cache, "acme.", [](std::string what, int count) -> std::string { … });
///
/// `function` is a function, a lambda, or another object with one `operator()`. One with several needs its signature
/// named: `memoize<long(int)>(cache, "p.", function)`. Functions under one prefix share their results.
template <class Signature = void, class Cache, class Function, class KeyPolicy = arguments_as_json>
    requires(!std::is_member_function_pointer_v<Function>)
[[nodiscard]] auto memoize(Cache& cache, std::string prefix, Function function, KeyPolicy policy = {})
{
    if constexpr (std::is_void_v<Signature> && !detail::has_signature<Function>) {
        static_assert(detail::has_signature<Function>,
                      "strata: memoize: this is not a function, or has more than one signature; say which one, as in "
                      "memoize<long(int)>(cache, prefix, function)");
        return detail::not_memoized{};
    } else {
        using signature = typename detail::callable_signature<Signature, Function>::type;
        if constexpr (detail::memoizable<Cache, KeyPolicy>::check(std::type_identity<signature>{})) {
            return memoized<Cache, signature, Function, KeyPolicy>{cache, std::move(prefix), std::move(function),
                                                                  std::move(policy)};
        } else {
            return detail::not_memoized{};
        }
    }
}

/// A member function of `object`, which is kept by reference where it is a named object, and otherwise by value: a
/// temporary, a pointer, a `std::shared_ptr`. The object is not part of the key.
///
///     auto data = memoize(cache, "data.", &Service::get_data, service);
template <class Cache, class Function, class Object, class KeyPolicy = arguments_as_json>
    requires std::is_member_function_pointer_v<Function>
[[nodiscard]] auto memoize(Cache& cache, std::string prefix, Function function, Object&& object,
                           KeyPolicy policy = {})
{
    using signature = detail::member_signature_t<Function>;
    using kept = detail::kept_object<decltype(detail::class_of(function)), Object>;
    return memoize<signature>(cache, std::move(prefix),
                              detail::bound_member<Function, kept>{function, kept(std::forward<Object>(object))},
                              std::move(policy));
}

} // namespace strata
