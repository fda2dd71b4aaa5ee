#pragma once

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// What the fuzz targets share. A target is called with bytes that the fuzzer has found worth trying, draws its choices
/// and values from them, and stops the run where a property does not hold.
namespace fuzz {

inline void require(bool kept, char const* property)
{
    if (kept) return;
    std::fprintf(stderr, "strata: this does not hold: %s\n", property);
    std::abort();
}

/// Bytes to draw from, the first ones first. Where they have run out, zeros and empty text come.
class input {
public:
    input(std::uint8_t const* bytes, std::size_t size) noexcept : left_{reinterpret_cast<char const*>(bytes), size} {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }

    std::uint8_t byte() noexcept
    {
        if (left_.empty()) return 0;
        auto const drawn = static_cast<std::uint8_t>(left_[0]);
        left_.remove_prefix(1);
        return drawn;
    }

    /// A number of `bytes` bytes, the least significant one first.
    std::uint64_t number(unsigned bytes) noexcept
    {
        std::uint64_t drawn = 0;
        for (unsigned i = 0; i < bytes; ++i) drawn |= std::uint64_t{byte()} << (8 * i);
        return drawn;
    }

    /// Text with its length in front, in one byte.
    std::string_view text() noexcept { return take(byte()); }

    std::string_view take(std::size_t size) noexcept
    {
        std::string_view const drawn = left_.substr(0, size);
        left_.remove_prefix(drawn.size());
        return drawn;
    }

    std::string_view rest() noexcept { return take(left_.size()); }

private:
    std::string_view left_;
};

/// Changes some bytes, as `in` says: a few of them, the end, or the order.
inline void damage(std::string& bytes, input& in)
{
    for (unsigned edits = in.byte() % 4; edits > 0; --edits) {
        std::size_t const at = bytes.empty() ? 0 : in.number(2) % bytes.size();
        switch (in.byte() % 5) {
        case 0:
            if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ in.byte());
            break;
        case 1: bytes.resize(at); break;
        case 2: bytes += in.text(); break;
        case 3: bytes.insert(at, in.text()); break;
        default: bytes.erase(at, in.byte());
        }
    }
}

namespace detail {

inline std::size_t live = 0;
inline std::size_t peak = 0;

inline void allocated(void const volatile*, std::size_t size)
{
    live += size;
    peak = std::max(peak, live);
}
inline void freed(void const volatile* memory)
{
    std::size_t const size = __sanitizer_get_allocated_size(memory);
    live -= std::min(live, size);
}

} // namespace detail

/// How many bytes are taken from the heap, by whatever code, beyond those that were when the meter was made.
class memory_meter {
public:
    memory_meter()
    {
        static bool const installed =
            __sanitizer_install_malloc_and_free_hooks(&detail::allocated, &detail::freed) != 0;
        require(installed, "the sanitizer counts allocations");
        detail::live = 0;
        detail::peak = 0;
    }

    /// The most there were at one time.
    [[nodiscard]] std::size_t peak() const noexcept { return detail::peak; }
};

} // namespace fuzz
