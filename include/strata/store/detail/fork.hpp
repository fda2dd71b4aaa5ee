#pragma once

#include <pthread.h>

#include <atomic>

namespace strata::detail {

/// How often this process has been forked off: what was made under another number belongs to a parent. Costs a load.
/// A child made without the handlers of `pthread_atfork` (by `vfork`, or `clone` itself) is not noticed.
[[nodiscard]] inline unsigned long fork_generation() noexcept
{
    static std::atomic<unsigned long> count{0};
    static int const registered = ::pthread_atfork(nullptr, nullptr, [] {
        count.fetch_add(1, std::memory_order_relaxed);
    });
    static_cast<void>(registered);
    return count.load(std::memory_order_relaxed);
}

} // namespace strata::detail
