#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

#if defined(__linux__)
#include <cstdint>
#include <sys/mman.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STRATA_LEAK_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define STRATA_LEAK_SANITIZER
#endif
#if defined(STRATA_LEAK_SANITIZER)
#include <sanitizer/lsan_interface.h>
#endif

namespace strata::detail {

/// Zeroed bytes in one place, aligned to cache lines, that become more. What is trivially copyable may live in them:
/// they may move as they grow. Up to 64 KiB they are allocated and copied. On Linux more comes from the system page by
/// page: it grows without being copied, a part that was never touched takes no memory, and from 8 MiB on it lies in
/// huge pages where the system has them, so that a random access does not miss the translation cache as well. Elsewhere
/// it is copied.
class growing_memory {
public:
    growing_memory() noexcept = default;
    growing_memory(growing_memory&& other) noexcept { swap(other); }
    growing_memory& operator=(growing_memory&& other) noexcept
    {
        growing_memory{std::move(other)}.swap(*this);
        return *this;
    }
    ~growing_memory() { release(); }

    [[nodiscard]] std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// What it takes of the system's memory.
    [[nodiscard]] std::size_t memory() const noexcept
    {
        if (room_ <= largest_copied) return room_;
        auto const unit = room_ >= huge_from ? huge_page : page;
        return std::min(room_, (size_ + unit - 1) / unit * unit);
    }

    /// Becomes `size` bytes if it has less. Throws `std::bad_alloc`, and is as it was then. `expected` bytes, if that
    /// is more, are what it will come to: until then it need not move.
    void grow(std::size_t size, std::size_t expected = 0)
    {
        if (size > room_) make_room(size, expected);
        size_ = std::max(size_, size);
    }

private:
    static constexpr std::size_t line = 64;
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    static constexpr std::size_t huge_from = 4 * huge_page;
    static constexpr std::size_t largest_copied = std::size_t{1} << 16;

    void swap(growing_memory& other) noexcept
    {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(room_, other.room_);
    }

    void make_room(std::size_t size, std::size_t expected)
    {
        if (size > SIZE_MAX / 4) throw std::bad_alloc{};
        // What is copied grows by a quarter, since it takes memory; of pages, those that are not touched take none.
        auto const larger = std::max(size, room_ > largest_copied ? 2 * room_ : room_ + room_ / 4);
        auto const wanted = expected >= size && (expected < larger || expected > largest_copied) ? expected : larger;
#if defined(__linux__)
        if (wanted > largest_copied) {
            if (!map(wanted) && (wanted == size || !map(size))) throw std::bad_alloc{};
            return;
        }
#endif
        growing_memory bigger;
        bigger.data_ = static_cast<std::byte*>(::operator new(wanted, std::align_val_t{line}));
        bigger.room_ = wanted;
        if (size_ > 0) std::memcpy(bigger.data_, data_, size_);
        std::memset(bigger.data_ + size_, 0, wanted - size_);
        bigger.size_ = size_;
        swap(bigger);
    }

    void release() noexcept
    {
        if (data_ == nullptr) return;
#if defined(__linux__)
        if (room_ > largest_copied) {
            hide();
            ::munmap(data_, room_);
            return;
        }
#endif
        ::operator delete(data_, std::align_val_t{line});
    }

#if defined(__linux__)
    /// More pages at another address, to which those that are here are moved, not copied.
    bool map(std::size_t wanted) noexcept
    {
        bool const huge = wanted >= huge_from;
        auto const unit = huge ? huge_page : page;
        if (wanted > SIZE_MAX - 2 * unit) return false;
        auto const room = (wanted + unit - 1) / unit * unit;
        auto const spare = huge ? huge_page : 0; // for an address that is a multiple of it
        void* const found =
            ::mmap(nullptr, room + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (found == MAP_FAILED) return false;
        auto* const first = static_cast<std::byte*>(found);
        auto const past = reinterpret_cast<std::uintptr_t>(first) % huge_page;
        auto const before = spare == 0 || past == 0 ? 0 : huge_page - past;
        auto* const data = first + before;
        if (before > 0) ::munmap(first, before);
        if (before < spare) ::munmap(data + room, spare - before);
        if (room_ > largest_copied) {
            // It brings the new pages along: beside others it would stay a mapping of its own, and before Linux 6.17
            // what consists of several cannot be moved again. Where it fails, the new pages may be gone already and
            // another thread's be there: they are not given back, which costs addresses and no memory.
            if (::mremap(data_, room_, room, MREMAP_MAYMOVE | MREMAP_FIXED, data) == MAP_FAILED) return false;
        } else if (size_ > 0) {
            std::memcpy(data, data_, size_);
            release();
        }
        if (huge) static_cast<void>(::madvise(data, room, MADV_HUGEPAGE)); // faster if it can be had
        if (room_ > largest_copied) hide();
        data_ = data;
        room_ = room;
        show();
        return true;
    }

    /// The leak sanitizer looks for addresses in what is mapped only where it is told to.
    void show() const noexcept
    {
#if defined(STRATA_LEAK_SANITIZER)
        __lsan_register_root_region(data_, room_);
#endif
    }
    void hide() const noexcept
    {
#if defined(STRATA_LEAK_SANITIZER)
        __lsan_unregister_root_region(data_, room_);
#endif
    }
#endif

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_ = 0; ///< Bytes at `data_`; all beyond `size_` are zero.
};

} // namespace strata::detail

#undef STRATA_LEAK_SANITIZER
