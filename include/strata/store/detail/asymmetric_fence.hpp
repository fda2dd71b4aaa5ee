#pragma once

#include <atomic>
#include <cstdlib>

#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// A sequentially consistent fence between threads of which one pays nothing and the other pays for both: after Howard,
/// Michael and others, "Asymmetric fences", P1202. Where one thread writes a, executes the light fence and reads b, and
/// another writes b, executes the heavy fence and reads a, one of them reads what the other has written.
namespace strata::detail {

/// Only keeps the compiler from reordering.
inline void light_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

#if defined(__linux__) && defined(SYS_membarrier)

/// Whether the kernel has the heavy fence; if not, neither may be used.
[[nodiscard]] inline bool asymmetric_fences() noexcept
{
    static bool const there = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    return there;
}

/// Has every running thread of this process execute a fence: some microseconds, see membarrier(2). The registration
/// lasts as long as the process and is inherited by `fork`; where memory is short the slow form does the same.
inline void heavy_fence() noexcept
{
    if (::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return;
    if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
    std::abort(); // a filter of system calls has come since: without the fence, readers would see what is being changed
}

#else

[[nodiscard]] inline bool asymmetric_fences() noexcept { return false; }
inline void heavy_fence() noexcept { std::abort(); }

#endif

} // namespace strata::detail
