#pragma once

#include <strata/cipher/detail/botan.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace strata::detail {

/// Memory that is scrubbed when it is freed, for a vector that leaves new bytes as they are: what is sealed and opened
/// is written in place at once.
template <class T> struct sealing_allocator : Botan::secure_allocator<T> {
    using value_type = T;

    template <class U> struct rebind {
        using other = sealing_allocator<U>;
    };

    sealing_allocator() noexcept = default;
    template <class U> sealing_allocator(sealing_allocator<U> const&) noexcept {}

    template <class U> void construct(U* at) noexcept { ::new (static_cast<void*>(at)) U; }
    template <class U, class... Args> void construct(U* at, Args&&... args)
    {
        ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
    }

    friend bool operator==(sealing_allocator const&, sealing_allocator const&) noexcept { return true; }
};

using sealing_buffer = std::vector<std::uint8_t, sealing_allocator<std::uint8_t>>;

/// Scrubs and empties a buffer unless its contents are good.
template <class Buffer> class scrub_guard {
public:
    explicit scrub_guard(Buffer& b) noexcept : buffer_{&b}, size_{b.size()} {}
    scrub_guard(scrub_guard const&) = delete;
    scrub_guard& operator=(scrub_guard const&) = delete;
    ~scrub_guard()
    {
        if (!buffer_) return;
        buffer_->resize(size_); // a cipher may have cut it short, and what it wrote is still there
        botan::scrub(*buffer_);
        buffer_->clear();
    }
    void keep() noexcept { buffer_ = nullptr; }

private:
    Buffer* buffer_;
    std::size_t size_;
};

} // namespace strata::detail
