#pragma once

#include <strata/core/value.hpp>

#include <boost/config.hpp>

#include <any>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

/// The sinks at the top of a stack: they put outcomes into what the caller gets. Each holds a pointer to the first of
/// as many results as the request has keys, all default-made: a lookup is a miss then, and a status is done.
namespace strata::detail {

/// A `std::any` from which something else is asked.
template <class Value, class T>
concept boxes = std::same_as<std::remove_cvref_t<Value>, std::any> && !std::same_as<T, std::any>;

/// For `get`: values into lookups.
template <class T> struct collect {
    using wants = T;

    lookup<T>* results;

    template <class Value> BOOST_FORCEINLINE void hit(std::size_t i, Value&& value)
    {
        if constexpr (boxes<Value, T>) {
            if (auto* const object = std::any_cast<T>(&value)) {
                results[i].emplace(*object);
            } else {
                fail(i, errc::corrupt); // an object of another type
            }
        } else if constexpr (std::constructible_from<T, Value>) {
            results[i].emplace(std::forward<Value>(value));
        } else {
            assign_bytes(results[i].emplace(), value);
        }
    }
    void miss(std::size_t) {}
    void fail(std::size_t i, failure const& reason) { results[i] = reason; }
};

/// For `erase`, `contains`, `touch`: hit, miss or failure.
template <> struct collect<void> {
    using wants = void;

    lookup<void>* results;

    void hit(std::size_t i) { results[i].emplace(); }
    void miss(std::size_t) {}
    void fail(std::size_t i, failure const& reason) { results[i] = reason; }
};

/// For `get_to`: the value into the caller's object, which keeps its capacity.
template <class T> struct fill : collect<void> {
    using wants = T;

    T& out;

    template <class Value> BOOST_FORCEINLINE void hit(std::size_t, Value&& value)
    {
        if constexpr (boxes<Value, T>) {
            auto* const object = std::any_cast<T>(&value);
            if (object == nullptr) return fail(0, errc::corrupt);
            out = *object;
        } else if constexpr (std::same_as<std::remove_cvref_t<Value>, std::string_view> && byte_string<T>) {
            assign_bytes(out, value);
        } else {
            out = std::forward<Value>(value);
        }
        results->emplace();
    }
};

/// For `visit`: the value where it lies, to the caller's function.
template <class T, class F> struct show : collect<void> {
    using wants = T;

    F& f;

    template <class Value> BOOST_FORCEINLINE void hit(std::size_t, Value&& value)
    {
        if constexpr (boxes<Value, T>) {
            auto const* const object = std::any_cast<T>(&std::as_const(value));
            if (object == nullptr) return fail(0, errc::corrupt);
            f(*object);
        } else {
            f(std::as_const(value));
        }
        results->emplace();
    }
};

/// For `put`, `add`, `clear`: done, or the reason why not. A miss is how a store says that there was nothing to do.
struct confirm {
    using wants = void;

    status* results;

    void hit(std::size_t) {}
    void miss(std::size_t) {}
    void fail(std::size_t i, failure const& reason) { results[i] = reason; }
};

} // namespace strata::detail
