#pragma once

#include <strata/eviction/eviction.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace strata::detail {

/// One `T` for each slot, value-initialized. It grows in pieces that never move, so that growth has no long pause.
template <class T> class slot_array {
public:
    [[nodiscard]] T& operator[](slot_number slot) noexcept { return pieces_[slot >> shift][slot & mask]; }
    [[nodiscard]] T const& operator[](slot_number slot) const noexcept { return pieces_[slot >> shift][slot & mask]; }

    /// Makes room for the slots below `count`. What is there stays, also when it throws `std::bad_alloc`.
    void reserve(std::size_t count)
    {
        if (count <= size()) return;
        if (pieces_.empty() || first_ < piece) grow_first(count);
        while (size() < count) pieces_.push_back(std::make_unique<T[]>(piece));
    }

    /// Slots that there is room for.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return pieces_.empty() ? 0 : first_ + (pieces_.size() - 1) * piece;
    }
    [[nodiscard]] std::size_t memory() const noexcept { return size() * sizeof(T) + pieces_.capacity() * sizeof(void*); }

    void clear() noexcept
    {
        pieces_.clear();
        first_ = 0;
    }

private:
    static constexpr unsigned shift = 12;
    static constexpr std::size_t piece = std::size_t{1} << shift;
    static constexpr slot_number mask = piece - 1;

    /// The first piece alone grows by copying, since most caches that are small stay so.
    void grow_first(std::size_t count)
    {
        std::size_t wanted = pieces_.empty() ? 64 : first_;
        while (wanted < count && wanted < piece) wanted *= 2;
        auto grown = std::make_unique<T[]>(wanted);
        if (pieces_.empty()) {
            pieces_.push_back(std::move(grown));
        } else {
            std::copy_n(pieces_[0].get(), first_, grown.get());
            pieces_[0] = std::move(grown);
        }
        first_ = wanted;
    }

    std::vector<std::unique_ptr<T[]>> pieces_;
    std::size_t first_ = 0;
};

} // namespace strata::detail
