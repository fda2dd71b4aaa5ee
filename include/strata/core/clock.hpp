#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

/// Time, as the stores that keep it themselves read it.
namespace strata {

/// Milliseconds of a clock that never goes back. An empty function stands for the system's steady clock.
using clock_function = std::function<std::int64_t()>;

/// A clock that stands still until it is moved, for tests: `Memory<>{.clock = clock}`. Copies are the same clock.
/// Safe from many threads.
class ManualClock {
public:
    /// Moves the clock. A negative duration puts it back, as no real steady clock does.
    void advance(std::chrono::milliseconds by) noexcept { now_->fetch_add(by.count(), std::memory_order_relaxed); }

    [[nodiscard]] std::int64_t operator()() const noexcept { return now_->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<std::int64_t>> now_ = std::make_shared<std::atomic<std::int64_t>>(1);
};

[[nodiscard]] inline std::int64_t steady_milliseconds() noexcept
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace strata
