#pragma once

namespace test {

/// In a child forked off among threads, ThreadSanitizer's allocator waits for ever for a lock that one of them had.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool under_thread_sanitizer = true;
#elif defined(__has_feature)
inline constexpr bool under_thread_sanitizer = __has_feature(thread_sanitizer);
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

} // namespace test
