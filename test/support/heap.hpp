#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

/// How much memory a part of a test takes from `operator new`. To be included once in a program.
namespace test {

/// Counts from its construction on; one at a time.
class heap {
public:
    heap() { current = peak_ = 0; }

    /// The most bytes that were held at one time, of those taken since the construction.
    [[nodiscard]] std::size_t peak() const noexcept { return static_cast<std::size_t>(peak_); }

    static void* take(std::size_t size)
    {
        auto* const whole = static_cast<std::max_align_t*>(std::malloc(size + sizeof(std::max_align_t)));
        if (!whole) throw std::bad_alloc{};
        *reinterpret_cast<std::size_t*>(whole) = size;
        current += static_cast<std::ptrdiff_t>(size);
        peak_ = std::max(peak_, current);
        return whole + 1;
    }
    static void give(void* bytes) noexcept
    {
        if (!bytes) return;
        auto* const whole = static_cast<std::max_align_t*>(bytes) - 1;
        current -= static_cast<std::ptrdiff_t>(*reinterpret_cast<std::size_t*>(whole));
        std::free(whole);
    }

private:
    static inline thread_local std::ptrdiff_t current = 0;
    static inline thread_local std::ptrdiff_t peak_ = 0;
};

} // namespace test

void* operator new(std::size_t size) { return test::heap::take(size); }
void* operator new[](std::size_t size) { return test::heap::take(size); }
void operator delete(void* bytes) noexcept { test::heap::give(bytes); }
void operator delete[](void* bytes) noexcept { test::heap::give(bytes); }
void operator delete(void* bytes, std::size_t) noexcept { test::heap::give(bytes); }
void operator delete[](void* bytes, std::size_t) noexcept { test::heap::give(bytes); }
