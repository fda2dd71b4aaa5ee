#pragma once

#include <strata/core/error.hpp>

#include <boost/config.hpp>

#include <cassert>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

/// What an operation returns: `lookup` for one that asks (hit, miss or failure), `status` for one that changes.
namespace strata {

/// A miss: there was no entry.
struct miss_t {
    explicit miss_t() = default;
};
inline constexpr miss_t miss{};

/// A hit without a value.
struct hit_t {
    explicit hit_t() = default;
};
inline constexpr hit_t hit{};

namespace detail {

/// The three states and what is asked of each of them, in one word; `lookup` adds the value.
class outcome {
public:
    outcome(miss_t) noexcept : state_{failure::is_nothing} {}
    outcome(failure reason) noexcept : state_{std::move(reason)} {}
    outcome(errc code) noexcept : state_{code} {}
    outcome(std::errc code) noexcept : state_{code} {}

    outcome(outcome const&) noexcept = default;
    outcome(outcome&&) noexcept = default;
    outcome& operator=(outcome const&) noexcept = default;
    outcome& operator=(outcome&&) noexcept = default;

    // Here and below inlined by force: a call, though only on the way of an exception, would keep all outcomes in
    // memory.
    BOOST_FORCEINLINE ~outcome() {}

    [[nodiscard]] bool hit() const noexcept { return state_.word_ == failure::is_hit; }
    [[nodiscard]] bool miss() const noexcept { return state_.word_ == failure::is_nothing; }
    [[nodiscard]] bool failed() const noexcept { return !hit() && !miss(); }

    /// True for a hit alone.
    [[nodiscard]] explicit operator bool() const noexcept { return hit(); }

    /// Why it failed; zero unless it did.
    [[nodiscard]] std::error_code error() const noexcept { return failed() ? state_.code() : std::error_code{}; }

    /// The server's own words where it gave any.
    [[nodiscard]] std::string_view error_text() const noexcept { return state_.text(); }

    /// The failure, to hand it on. Only for `failed()`.
    [[nodiscard]] failure const& reason() const noexcept
    {
        assert(failed());
        return state_;
    }

protected:
    outcome(hit_t) noexcept : state_{failure::is_hit} {}

    void become_hit() noexcept { state_.replace(failure::is_hit); }
    void miss_to_hit() noexcept { state_.word_ = failure::is_hit; } ///< Where nothing need be given back.
    void become_miss() noexcept { state_.replace(failure::is_nothing); }

    void require_hit() const
    {
        if (failed()) [[unlikely]] state_.raise();
        if (miss()) [[unlikely]] throw_missing();
    }

private:
    [[noreturn]] BOOST_NOINLINE static void throw_missing() { throw missing{}; }

    failure state_;
};

/// An outcome, and beside it the value while it is a hit. Where making or moving a value throws, it is a miss.
template <class T> class outcome_with : public outcome {
public:
    outcome_with(miss_t state) noexcept : outcome{state} {}
    outcome_with(failure reason) noexcept : outcome{std::move(reason)} {}
    outcome_with(errc code) noexcept : outcome{code} {}
    outcome_with(std::errc code) noexcept : outcome{code} {}

    outcome_with(outcome_with const& other) : outcome{other}
    {
        if (other.hit()) std::construct_at(&value_, other.value_);
    }
    outcome_with(outcome_with&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : outcome{std::move(other)}
    {
        if (this->hit()) std::construct_at(&value_, std::move(other.value_));
    }
    outcome_with& operator=(outcome_with const& other)
    {
        if (this != &other) *this = outcome_with{other};
        return *this;
    }
    outcome_with& operator=(outcome_with&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
    {
        if (this == &other) return *this;
        end();
        if (other.hit()) {
            std::construct_at(&value_, std::move(other.value_));
            this->become_hit();
        } else {
            outcome::operator=(std::move(other));
        }
        return *this;
    }
    BOOST_FORCEINLINE ~outcome_with()
    {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            if (this->hit()) std::destroy_at(&value_);
        }
    }

protected:
    template <class... Args> explicit outcome_with(std::in_place_t, Args&&... args) : outcome{strata::hit}
    {
        std::construct_at(&value_, std::forward<Args>(args)...);
    }

    void become_no_hit(outcome state) noexcept
    {
        end();
        outcome::operator=(std::move(state));
    }

    template <class... Args> T& become(Args&&... args)
    {
        if (this->miss()) [[likely]] {
            std::construct_at(&value_, std::forward<Args>(args)...);
            this->miss_to_hit();
            return value_;
        }
        if (this->hit()) { // `args` may be parts of the value
            T fresh(std::forward<Args>(args)...);
            end();
            std::construct_at(&value_, std::move(fresh));
        } else {
            std::construct_at(&value_, std::forward<Args>(args)...);
        }
        this->become_hit();
        return value_;
    }

    union {
        T value_;
    };

private:
    void end() noexcept
    {
        if (!this->hit()) return;
        std::destroy_at(&value_);
        this->become_miss();
    }
};

/// Makes what inherits from it as copyable as `T`.
struct copied {};
struct moved {
    moved() = default;
    moved(moved&&) = default;
    moved& operator=(moved&&) = default;
};
template <class T> using copied_like = std::conditional_t<std::is_copy_constructible_v<T>, copied, moved>;

} // namespace detail

/// The answer to a question about a key: a value, a miss, or a failure. A failure is never one of the other two.
template <class T> class [[nodiscard]] lookup : public detail::outcome_with<T>, private detail::copied_like<T> {
    using base = detail::outcome_with<T>;

public:
    using value_type = T;

    using base::base;

    /// A miss, until a hit is emplaced.
    lookup() noexcept : base{strata::miss} {}

    lookup(T const& value) : base{std::in_place, value} {}
    lookup(T&& value) : base{std::in_place, std::move(value)} {}

    lookup(lookup const&) = default;
    lookup(lookup&&) = default;
    lookup& operator=(lookup const&) = default;
    lookup& operator=(lookup&&) = default;
    BOOST_FORCEINLINE ~lookup() {}

    /// A miss or a failure, without another lookup on the way.
    template <class State>
        requires std::same_as<State, miss_t> || std::same_as<State, failure> || std::same_as<State, errc> ||
                 std::same_as<State, std::errc>
    lookup& operator=(State state) noexcept
    {
        this->become_no_hit(std::move(state));
        return *this;
    }

    /// A hit with the value made of `args`.
    template <class... Args>
        requires std::constructible_from<T, Args...>
    T& emplace(Args&&... args)
    {
        return this->become(std::forward<Args>(args)...);
    }

    /// The value. Only for `hit()`.
    [[nodiscard]] T& operator*() & noexcept { return *get(); }
    [[nodiscard]] T const& operator*() const& noexcept { return *get(); }
    [[nodiscard]] T&& operator*() && noexcept { return std::move(*get()); }
    [[nodiscard]] T* operator->() noexcept { return get(); }
    [[nodiscard]] T const* operator->() const noexcept { return get(); }

    /// The value. Throws `missing` for a miss and `std::system_error` for a failure.
    [[nodiscard]] T& value() &
    {
        this->require_hit();
        return *get();
    }
    [[nodiscard]] T const& value() const&
    {
        this->require_hit();
        return *get();
    }
    [[nodiscard]] T&& value() &&
    {
        this->require_hit();
        return std::move(*get());
    }

    /// The value, or `other` where there is none for whatever reason.
    template <class U> [[nodiscard]] T value_or(U&& other) const&
    {
        return this->hit() ? *get() : static_cast<T>(std::forward<U>(other));
    }
    template <class U> [[nodiscard]] T value_or(U&& other) &&
    {
        return this->hit() ? std::move(*get()) : static_cast<T>(std::forward<U>(other));
    }

private:
    T* get() noexcept
    {
        assert(this->hit());
        return std::addressof(this->value_);
    }
    T const* get() const noexcept
    {
        assert(this->hit());
        return std::addressof(this->value_);
    }
};

/// The answer to a question that has no value to return: was there an entry?
template <> class lookup<void> : public detail::outcome {
public:
    using value_type = void;

    using outcome::outcome;

    lookup() noexcept : outcome{strata::miss} {}
    lookup(hit_t) noexcept : outcome{strata::hit} {}

    lookup(lookup const&) noexcept = default;
    lookup(lookup&&) noexcept = default;
    lookup& operator=(lookup const&) noexcept = default;
    lookup& operator=(lookup&&) noexcept = default;
    BOOST_FORCEINLINE ~lookup() {}

    /// A hit.
    void emplace() noexcept { become_hit(); }

    /// Throws `missing` for a miss and `std::system_error` for a failure.
    void value() const { require_hit(); }
};

/// The outcome of an operation that changes the store: done, or the reason why not.
class status {
public:
    /// Done.
    status() noexcept : reason_{failure::is_nothing} {}
    status(failure reason) noexcept : reason_{std::move(reason)} {}
    status(errc code) noexcept : reason_{code} {}
    status(std::errc code) noexcept : reason_{code} {}

    [[nodiscard]] explicit operator bool() const noexcept { return reason_.word_ == failure::is_nothing; }

    /// Why it was not done; zero when it was.
    [[nodiscard]] std::error_code error() const noexcept { return *this ? std::error_code{} : reason_.code(); }

    /// The server's own words where it gave any.
    [[nodiscard]] std::string_view error_text() const noexcept { return reason_.text(); }

    /// The failure, to hand it on. Only where it was not done.
    [[nodiscard]] failure const& reason() const noexcept
    {
        assert(!*this);
        return reason_;
    }

    /// Throws `std::system_error` unless it was done.
    void value() const
    {
        if (!*this) [[unlikely]] reason_.raise();
    }

private:
    failure reason_;
};

} // namespace strata
