#pragma once

#include <strata/eviction/detail/growing_memory.hpp>
#include <strata/eviction/eviction.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// One `T` for each slot, of zero bytes at first. They lie side by side, and growth has no long pause.
template <class T> class slot_array {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);

public:
    slot_array() noexcept = default;
    slot_array(slot_array&& other) noexcept
        : memory_{std::move(other.memory_)}
        , first_{std::exchange(other.first_, nullptr)}
        , size_{std::exchange(other.size_, 0)}
    {
    }
    slot_array& operator=(slot_array&& other) noexcept
    {
        memory_ = std::move(other.memory_);
        first_ = std::exchange(other.first_, nullptr);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    [[nodiscard]] T& operator[](slot_number slot) noexcept { return first_[slot]; }
    [[nodiscard]] T const& operator[](slot_number slot) const noexcept { return first_[slot]; }

    /// Makes room for the slots below `count`. What is there stays, also when it throws `std::bad_alloc`.
    void reserve(std::size_t count)
    {
        if (count <= size_) [[likely]] return;
        memory_.grow(count * sizeof(T));
        first_ = reinterpret_cast<T*>(memory_.data());
        size_ = count;
    }

    /// Slots that there is room for.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept { return memory_.memory(); }

    void clear() noexcept { *this = slot_array{}; }

private:
    growing_memory memory_;
    T* first_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace strata::detail
