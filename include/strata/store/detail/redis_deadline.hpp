#pragma once

#include <algorithm>
#include <chrono>

namespace strata::detail::redis {

/// When an operation has to be over.
class deadline {
public:
    using clock = std::chrono::steady_clock;

    explicit deadline(std::chrono::milliseconds from_now) noexcept : at_{clock::now() + from_now} {}

    [[nodiscard]] clock::time_point at() const noexcept { return at_; }
    [[nodiscard]] bool passed() const noexcept { return clock::now() >= at_; }

    /// What is left, rounded up to whole milliseconds, as `poll` takes it; 0 when it has passed.
    [[nodiscard]] int remaining() const noexcept
    {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now()).count();
        return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
    }

    /// The earlier one of this and `from_now`.
    [[nodiscard]] deadline within(std::chrono::milliseconds from_now) const noexcept
    {
        deadline other{from_now};
        other.at_ = std::min(other.at_, at_);
        return other;
    }

private:
    clock::time_point at_;
};

} // namespace strata::detail::redis
