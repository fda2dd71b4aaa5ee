#pragma once

#include <exception>

namespace strata::detail {

/// For what has to be done to the end whatever the user's functions throw on the way: keeps the first exception.
class first_exception {
public:
    template <class F> void of(F&& f) noexcept
    {
        try {
            f();
        } catch (...) {
            if (!first_) first_ = std::current_exception();
        }
    }
    void rethrow() const
    {
        if (first_) std::rethrow_exception(first_);
    }

private:
    std::exception_ptr first_;
};

} // namespace strata::detail
