#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

/// How long an entry lives.
namespace strata {

/// The lifetime of an entry that never expires.
struct forever_t {
    explicit forever_t() = default;
};
inline constexpr forever_t forever{};

/// A lifetime in whole milliseconds: a fraction counts as a whole one, so nothing positive becomes zero, and what is
/// too long to be counted is `forever`. A default-made one stands for the store's own setting.
class lifetime {
public:
    constexpr lifetime() noexcept = default;
    constexpr lifetime(forever_t) noexcept : ms_{endless} {}

    template <class Rep, class Period>
    constexpr lifetime(std::chrono::duration<Rep, Period> duration) noexcept
    {
        using wide = std::chrono::duration<long double, std::milli>;
        long double const ms = std::chrono::duration_cast<wide>(duration).count();
        if (!(ms > 0)) {
            ms_ = 0; // NaN too
        } else if (ms >= static_cast<long double>(endless)) {
            ms_ = endless;
        } else {
            ms_ = static_cast<std::int64_t>(ms);
            if (static_cast<long double>(ms_) < ms) ++ms_;
        }
    }

    /// Not zero, negative or NaN.
    [[nodiscard]] constexpr bool valid() const noexcept { return ms_ != 0; }
    [[nodiscard]] constexpr bool is_default() const noexcept { return ms_ == unset; }
    [[nodiscard]] constexpr bool is_forever() const noexcept { return ms_ == endless; }

    /// Milliseconds. Only for one that is neither the default nor `forever`.
    [[nodiscard]] constexpr std::int64_t count() const noexcept { return ms_; }

    /// This one, or `other` where this stands for the store's own setting.
    [[nodiscard]] constexpr lifetime or_else(lifetime other) const noexcept
    {
        return is_default() ? other : *this;
    }

    friend constexpr bool operator==(lifetime, lifetime) noexcept = default;

private:
    static constexpr std::int64_t unset = -1;
    static constexpr std::int64_t endless = std::numeric_limits<std::int64_t>::max();

    std::int64_t ms_ = unset;
};

} // namespace strata
