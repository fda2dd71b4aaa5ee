#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Counts what this thread allocates. To be included once in a program: it stands in front of the C library's `malloc`,
/// so that what C libraries allocate is counted too. A sanitizer has a `malloc` of its own; `counted` is then false.
namespace allocations {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool counted = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool counted = false;
#define STRATA_OTHER_MALLOC
#else
inline constexpr bool counted = true;
#endif
#else
inline constexpr bool counted = true;
#endif

constinit inline thread_local std::uint64_t count = 0;

/// What `operation` allocates once everything has its size.
template <class Operation> std::uint64_t in_steady_state(Operation operation)
{
    for (int i = 0; i < 3; ++i) operation();
    auto const before = count;
    for (int i = 0; i < 50; ++i) operation();
    return count - before;
}

} // namespace allocations

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(STRATA_OTHER_MALLOC)
extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;

void* malloc(std::size_t size) noexcept
{
    ++allocations::count;
    return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept
{
    ++allocations::count;
    return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept
{
    ++allocations::count;
    return __libc_realloc(memory, size);
}
}
#endif
