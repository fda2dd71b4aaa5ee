#pragma once

#include <strata/core/layer.hpp>

#include <mutex>

namespace strata {

/// Makes the stack below usable from several threads: one request at a time passes, whole, with all that the layers
/// below make of it. User code (`make` of `get_or`, a memoized function) never runs under the lock, so that it may use
/// the stack itself; what must happen once per key is `Coalesce`'s work.
///
/// Moving a stack gives it a fresh, unlocked mutex; nobody may use it meanwhile.
template <class Mutex = std::mutex> struct Lock {
    static constexpr fixed_string name{"Lock"};

    template <class Next> class on {
    public:
        static constexpr bool takes_over = true;
        static constexpr bool concurrent = true;

        on() = default;
        on(on&&) noexcept {}
        on& operator=(on&&) noexcept { return *this; }

        template <class R> void run(R const& r, Next& next)
        {
            std::lock_guard const guard{mutex_};
            next.run(r);
        }

    private:
        Mutex mutex_;
    };
};

} // namespace strata
