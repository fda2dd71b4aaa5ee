#pragma once

namespace strata::detail {

/// Threads that wait, in the order in which they came. A `Waiter` has the pointers `previous` and `next`, which are null
/// while it is in no line; it owns itself.
template <class Waiter> class waiting_line {
public:
    [[nodiscard]] Waiter* first() const noexcept { return first_; }

    void push(Waiter& one) noexcept
    {
        one.previous = last_;
        (last_ ? last_->next : first_) = &one;
        last_ = &one;
    }
    void remove(Waiter& one) noexcept
    {
        (one.previous ? one.previous->next : first_) = one.next;
        (one.next ? one.next->previous : last_) = one.previous;
        one.previous = one.next = nullptr;
    }

private:
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
};

} // namespace strata::detail
