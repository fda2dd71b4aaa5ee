#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// What a thread does between two looks at what another one will have done in some hundred nanoseconds, as a rule.
/// Should that take longer, since the other one has lost its processor or runs a function of the user's, it takes less
/// and less of the processor itself.
class short_wait {
public:
    void operator()() noexcept
    {
        if (turn_ < spins) {
            ++turn_;
            relax();
        } else if (turn_ < spins + yields) {
            ++turn_;
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(sleep_);
            sleep_ = std::min(2 * sleep_, longest_sleep);
        }
    }

private:
    static constexpr int spins = 64;
    static constexpr int yields = 16;
    static constexpr std::chrono::microseconds longest_sleep{1000};

    /// Leaves the core to its other thread, if it has one, and the cache line to its owner for a moment.
    static void relax() noexcept
    {
#if defined(__SSE2__)
        _mm_pause();
#elif defined(__aarch64__)
        asm volatile("isb");
#endif
    }

    int turn_ = 0;
    std::chrono::microseconds sleep_{50};
};

} // namespace strata::detail
