#pragma once

#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

/// What a law has to know about the stack that it is run on.
///
/// A subject makes stacks over an empty store (`fresh()`), lets time pass for them (`elapse()`), names keys and values
/// of theirs by number (`key(n)`, `value(n)`: different numbers, different ones) and says what they can do (`can`).
namespace laws {

/// What a stack does with `clear()` and `size()`.
enum class scoping {
    all,         ///< It owns all entries of its store.
    own,         ///< It tells its own entries from those of others.
    unsupported ///< It cannot tell.
};

struct abilities {
    scoping scope = scoping::all;
    bool any_bytes = true;       ///< Values may hold any bytes, else they are UTF-8.
    bool exact_time = true;      ///< Time passes by `elapse()` alone, and lifetimes end to the millisecond.
    std::size_t largest = 1 << 20; ///< A length of value that the store takes.
    std::chrono::milliseconds shortly{1000}; ///< A short lifetime, which a test may wait for.
};

/// Waits until `condition()` is true. False: it did not become true in a time that is far too long.
template <class Condition> [[nodiscard]] bool eventually(Condition&& condition)
{
    using namespace std::chrono_literals;
    auto const end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

/// The keys and values of a stack that holds text.
struct text_words {
    using key_type = std::string;
    using value_type = std::string;

    [[nodiscard]] static key_type key(int n) { return "key " + std::to_string(n); }
    [[nodiscard]] static value_type value(int n) { return "value of " + std::to_string(n); }
};

/// Stacks on `Memory`, whose time is moved by hand. Each `fresh()` has a store and a clock of its own.
template <class Stack, class Store = strata::Memory<>, class Words = text_words, class... Given>
class on_memory : public Words {
public:
    using stack_type = Stack;

    abilities can;

    explicit on_memory(abilities what, Given... given) : can{what}, given_{std::move(given)...} {}

    [[nodiscard]] Stack fresh()
    {
        clock_ = strata::ManualClock{};
        return std::apply(
            [&](auto const&... given) {
                Store store{};
                store.clock = clock_;
                return Stack{std::move(store), given...};
            },
            given_);
    }

    void elapse(std::chrono::milliseconds time) { clock_.advance(time); }

private:
    std::tuple<Given...> given_;
    strata::ManualClock clock_;
};

/// A subject on `Memory<>` whose other policies have the settings given.
template <class Stack, class... Given> auto memory_subject(abilities can, Given... given)
{
    return on_memory<Stack, strata::Memory<>, text_words, Given...>{can, std::move(given)...};
}

/// `stack.get(key)` for the type of value that the subject puts.
template <class Subject, class Stack, class Key> auto got(Subject const&, Stack& stack, Key const& key)
{
    return stack.template get<typename Subject::value_type>(key);
}

} // namespace laws
