#pragma once

#include <strata/core/layer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace strata {

/// What a `Faulty` does wrong. A test keeps a copy, which steers the same faults.
class Faults {
public:
    enum operation : unsigned {
        none = 0, get = 1, put = 2, add = 4, erase = 8, contains = 16, touch = 32, clear = 64, size = 128, all = 255
    };
    static constexpr std::size_t every_key = static_cast<std::size_t>(-1);

    /// From now on `operations` fail with `reason` before they reach what is beneath: for all keys of a batch, or for
    /// its `key`-th alone after the others have been done.
    void fail(unsigned operations, failure reason = errc::unavailable, std::size_t key = every_key)
    {
        *shared_ = {operations, std::move(reason), key, 0};
    }
    void mend() { fail(none); }

    /// How many operations have failed since the last call of `fail` or `mend`.
    [[nodiscard]] std::size_t count() const noexcept { return shared_->count; }

private:
    friend struct Faulty;

    struct state {
        unsigned operations = none;
        failure reason = errc::unavailable;
        std::size_t key = every_key;
        std::size_t count = 0;
    };
    std::shared_ptr<state> shared_ = std::make_shared<state>();
};

/// Fails the operations that a test chooses; otherwise it is not there. One thread at a time.
struct Faulty {
    Faults faults = {};

    static constexpr fixed_string name{"Faulty"};

    template <class Next> class on {
    public:
        static constexpr bool takes_over = true;

        explicit on(Faulty policy) noexcept : faults_{std::move(policy.faults)} {}

        template <class R> void run(R const& r, Next& next)
        {
            auto& faults = *faults_.shared_;
            if ((faults.operations & number(typename R::operation{})) == 0) return next.run(r);
            ++faults.count;
            if (faults.key == Faults::every_key) return fail_all(r, faults.reason);
            one_fails<typename R::sink_type> sink{r.sink, faults.key, faults.reason};
            next.run(request<typename R::operation, typename R::keys_type, decltype(sink), typename R::source_type>{
                r.keys, sink, r.source, r.ttl});
        }

        [[nodiscard]] Faults& faults() noexcept { return faults_; }

    private:
        template <class Sink> struct one_fails {
            using wants = typename Sink::wants;

            Sink& above;
            std::size_t key;
            failure const& reason;

            template <class... Value> void hit(std::size_t i, Value&&... value)
            {
                if (i == key) return above.fail(i, reason);
                above.hit(i, std::forward<Value>(value)...);
            }
            void miss(std::size_t i) { i == key ? above.fail(i, reason) : above.miss(i); }
            void fail(std::size_t i, failure const& other) { above.fail(i, other); }
        };

        static unsigned number(op::get) { return Faults::get; }
        static unsigned number(op::put) { return Faults::put; }
        static unsigned number(op::add) { return Faults::add; }
        static unsigned number(op::erase) { return Faults::erase; }
        static unsigned number(op::contains) { return Faults::contains; }
        static unsigned number(op::touch) { return Faults::touch; }
        static unsigned number(op::clear) { return Faults::clear; }
        static unsigned number(op::size) { return Faults::size; }

        Faults faults_;
    };
};

} // namespace strata
