#pragma once

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

/// Counts that do not jitter: instructions of this thread, and allocations. To be included once in a program, since it
/// stands in front of the C library's `malloc`, so that what C libraries allocate is counted too.
namespace bench {

/// Instructions that this thread executes in user mode, where the kernel and the processor let them be counted.
class instruction_counter {
public:
    instruction_counter()
    {
        perf_event_attr attributes{};
        attributes.type = PERF_TYPE_HARDWARE;
        attributes.size = sizeof attributes;
        attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
        attributes.exclude_kernel = 1;
        attributes.exclude_hv = 1;
        fd_ = static_cast<int>(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    }
    ~instruction_counter()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    instruction_counter(instruction_counter const&) = delete;
    instruction_counter& operator=(instruction_counter const&) = delete;

    [[nodiscard]] std::optional<std::uint64_t> read() const
    {
        std::uint64_t count = 0;
        if (fd_ < 0 || ::read(fd_, &count, sizeof count) != sizeof count) return std::nullopt;
        return count;
    }

private:
    int fd_;
};

/// Calls of `malloc`, `calloc` and `realloc` by this thread, those of `operator new` among them.
constinit inline thread_local std::uint64_t allocations = 0;

} // namespace bench

extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;

void* malloc(std::size_t size) noexcept
{
    ++bench::allocations;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept
{
    ++bench::allocations;
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept
{
    ++bench::allocations;
    return __libc_realloc(memory, size);
}
}
