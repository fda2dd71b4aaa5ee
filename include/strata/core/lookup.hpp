#pragma once

#include <strata/core/error.hpp>

#include <cassert>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

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

/// The three states and what is asked of each of them; `lookup` adds the value.
template <class Hit> class outcome {
public:
    outcome(miss_t) noexcept {}
    outcome(failure reason) noexcept : state_{std::in_place_index<2>, std::move(reason)} {}
    outcome(errc code) noexcept : outcome{failure{code}} {}
    outcome(std::errc code) noexcept : outcome{failure{code}} {}

    [[nodiscard]] bool hit() const noexcept { return state_.index() == 1; }
    [[nodiscard]] bool miss() const noexcept { return state_.index() == 0; }
    [[nodiscard]] bool failed() const noexcept { return state_.index() == 2; }

    /// True for a hit alone.
    [[nodiscard]] explicit operator bool() const noexcept { return hit(); }

    /// Why it failed; zero unless it did.
    [[nodiscard]] std::error_code error() const noexcept
    {
        return failed() ? reason().code() : std::error_code{};
    }

    /// The server's own words where it gave any.
    [[nodiscard]] std::string_view error_text() const noexcept
    {
        return failed() ? reason().text() : std::string_view{};
    }

    /// The failure, to hand it on. Only for `failed()`.
    [[nodiscard]] failure const& reason() const noexcept
    {
        assert(failed());
        return *std::get_if<2>(&state_);
    }

protected:
    template <class... Args>
    explicit outcome(std::in_place_t, Args&&... args)
        : state_{std::in_place_index<1>, std::forward<Args>(args)...}
    {
    }

    void require_hit() const
    {
        if (failed()) reason().raise();
        if (miss()) throw missing{};
    }

    std::variant<miss_t, Hit, failure> state_{std::in_place_index<0>};
};

} // namespace detail

/// The answer to a question about a key: a value, a miss, or a failure. A failure is never one of the other two.
template <class T> class [[nodiscard]] lookup : public detail::outcome<T> {
    using base = detail::outcome<T>;

public:
    using value_type = T;

    using base::base;

    /// A miss, until a hit is emplaced.
    lookup() noexcept : base{strata::miss} {}

    lookup(T const& value) : base{std::in_place, value} {}
    lookup(T&& value) : base{std::in_place, std::move(value)} {}

    /// A hit with the value made of `args`. It is made first and then moved in: a variant goes a long way round to be
    /// whole when making it throws.
    template <class... Args>
        requires std::constructible_from<T, Args...>
    T& emplace(Args&&... args)
    {
        return this->state_.template emplace<1>(T(std::forward<Args>(args)...));
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
        return std::addressof(*std::get_if<1>(&this->state_));
    }
    T const* get() const noexcept
    {
        assert(this->hit());
        return std::addressof(*std::get_if<1>(&this->state_));
    }
};

/// The answer to a question that has no value to return: was there an entry?
template <> class lookup<void> : public detail::outcome<hit_t> {
public:
    using value_type = void;

    using outcome::outcome;

    lookup() noexcept : outcome{strata::miss} {}
    lookup(hit_t) noexcept : outcome{std::in_place} {}

    /// A hit.
    void emplace() noexcept { state_.emplace<1>(); }

    /// Throws `missing` for a miss and `std::system_error` for a failure.
    void value() const { require_hit(); }
};

/// The outcome of an operation that changes the store: done, or the reason why not.
class status {
public:
    /// Done.
    status() noexcept = default;
    status(failure reason) noexcept : reason_{std::move(reason)} {}
    status(errc code) noexcept : reason_{failure{code}} {}
    status(std::errc code) noexcept : reason_{failure{code}} {}

    [[nodiscard]] explicit operator bool() const noexcept { return !reason_; }

    /// Why it was not done; zero when it was.
    [[nodiscard]] std::error_code error() const noexcept
    {
        return reason_ ? reason_->code() : std::error_code{};
    }

    /// The server's own words where it gave any.
    [[nodiscard]] std::string_view error_text() const noexcept
    {
        return reason_ ? reason_->text() : std::string_view{};
    }

    /// The failure, to hand it on. Only where it was not done.
    [[nodiscard]] failure const& reason() const noexcept { return *reason_; }

    /// Throws `std::system_error` unless it was done.
    void value() const
    {
        if (reason_) reason_->raise();
    }

private:
    std::optional<failure> reason_;
};

} // namespace strata
