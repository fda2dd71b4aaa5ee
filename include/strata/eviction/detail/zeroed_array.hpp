#pragma once

#include <strata/eviction/detail/growing_memory.hpp>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// An array of zeros of a trivial type, aligned to cache lines. The system gives zeroed pages as they are touched, so
/// that even a large one is there at once and an unused part costs nothing.
template <class T> class zeroed_array {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);

public:
    zeroed_array() noexcept = default;
    explicit zeroed_array(std::size_t size) : size_{size}
    {
        if (size > SIZE_MAX / sizeof(T)) throw std::bad_alloc{};
        memory_.grow(size * sizeof(T));
        first_ = reinterpret_cast<T*>(memory_.data());
    }
    zeroed_array(zeroed_array&& other) noexcept
        : memory_{std::move(other.memory_)}
        , first_{std::exchange(other.first_, nullptr)}
        , size_{std::exchange(other.size_, 0)}
    {
    }
    zeroed_array& operator=(zeroed_array&& other) noexcept
    {
        memory_ = std::move(other.memory_);
        first_ = std::exchange(other.first_, nullptr);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    [[nodiscard]] T& operator[](std::size_t i) noexcept { return first_[i]; }
    [[nodiscard]] T const& operator[](std::size_t i) const noexcept { return first_[i]; }
    [[nodiscard]] T* data() const noexcept { return first_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept { return memory_.memory(); }

private:
    growing_memory memory_;
    T* first_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace strata::detail
