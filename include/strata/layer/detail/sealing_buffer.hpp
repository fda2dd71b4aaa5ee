#pragma once

#include <strata/cipher/detail/botan.hpp>

#include <cstddef>
#include <cstdint>
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

} // namespace strata::detail
