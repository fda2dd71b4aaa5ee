#pragma once

#include <strata/memoize/memoize.hpp>

#include <boost/preprocessor/punctuation/remove_parens.hpp>

#include <type_traits>

/// Defines a function whose results are kept in `cache` under `name.` and its arguments. It stands where a definition
/// of a function can, at namespace scope, and its body follows:
///
///     STRATA_MEMOIZE(cache, long, fib, (int n))
///     {
///         return n < 2 ? n : fib(n - 1) + fib(n - 2);
///     }
///
/// The body's own calls go through the cache. `fib` is a `strata::memoized`; it is made when the program's other
/// variables with an initializer are, after `cache` where that stands above it. A result type with a comma goes in
/// parentheses: `(std::map<int, int>)`. Default arguments are not possible. The namespace is not part of the keys:
/// two functions of one name and one cache share their results.
#define STRATA_MEMOIZE(cache, result, name, parameters)                                                                \
    BOOST_PP_REMOVE_PARENS(result) strata_body_of_##name parameters;                                                   \
    decltype(::strata::memoize(cache, #name ".", &strata_body_of_##name)) name =                                       \
        ::strata::memoize(cache, #name ".", &strata_body_of_##name);                                                   \
    BOOST_PP_REMOVE_PARENS(result) strata_body_of_##name parameters

/// Declares what `STRATA_MEMOIZE` defines further down or in another file; a semicolon follows.
#define STRATA_DECLARE_MEMOIZED(cache, result, name, parameters)                                                       \
    BOOST_PP_REMOVE_PARENS(result) strata_body_of_##name parameters;                                                   \
    extern ::strata::memoized<std::remove_reference_t<decltype(cache)>, decltype(strata_body_of_##name),               \
                              decltype(&strata_body_of_##name)>                                                        \
        name
