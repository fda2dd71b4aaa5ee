#pragma once

#include <strata/core/layer.hpp>

#include <atomic>
#include <cstdint>

namespace strata {

/// Counts what passes. A `Stats` outside another layer counts what that layer makes of it: outside `Encrypt`, a value
/// that fails its authentication is a failure. Each key of a batch counts as one.
///
/// Safe from many threads; over a stack that is not, counting costs no atomic read-modify-write.
struct Stats {
    static constexpr fixed_string name{"Stats"};

    /// The counters at one time. Each is exact; they are read one after the other.
    struct counters {
        std::uint64_t gets = 0;     ///< All `get`s: hits, misses and failures.
        std::uint64_t hits = 0;     ///< `get`s that found a value.
        std::uint64_t misses = 0;   ///< `get`s that found none.
        std::uint64_t failures = 0; ///< Failed operations of all kinds, but for an `add` that found an entry.
        std::uint64_t puts = 0;     ///< `put`s and `add`s that stored.
        std::uint64_t erases = 0;   ///< `erase`s that removed an entry.

        /// Hits among the `get`s, from 0 to 1; 0 before the first.
        [[nodiscard]] double hit_rate() const noexcept
        {
            return gets == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(gets);
        }
    };

    template <class Next> class on {
    public:
        [[nodiscard]] std::uint64_t gets() const noexcept { return hits() + misses() + failed_gets_.read(); }
        [[nodiscard]] std::uint64_t hits() const noexcept { return hits_.read(); }
        [[nodiscard]] std::uint64_t misses() const noexcept { return misses_.read(); }
        [[nodiscard]] std::uint64_t failures() const noexcept { return failed_gets_.read() + failed_others_.read(); }
        [[nodiscard]] std::uint64_t puts() const noexcept { return puts_.read(); }
        [[nodiscard]] std::uint64_t erases() const noexcept { return erases_.read(); }
        [[nodiscard]] double hit_rate() const noexcept { return snapshot().hit_rate(); }

        [[nodiscard]] counters snapshot() const noexcept
        {
            return {gets(), hits(), misses(), failures(), puts(), erases()};
        }

        /// All counters to zero.
        void reset() noexcept
        {
            for (counter* c : {&hits_, &misses_, &failed_gets_, &failed_others_, &puts_, &erases_}) c->reset();
        }

        void observe(op::get, hit_t) noexcept { hits_.increment(); }
        void observe(op::get, miss_t) noexcept { misses_.increment(); }
        void observe(op::get, failure const&) noexcept { failed_gets_.increment(); }
        void observe(op::put, hit_t) noexcept { puts_.increment(); }
        void observe(op::add, hit_t) noexcept { puts_.increment(); }
        void observe(op::erase, hit_t) noexcept { erases_.increment(); }
        void observe(auto, failure const& reason) noexcept
        {
            if (reason.code() != errc::exists) failed_others_.increment();
        }
        void observe(auto, auto) noexcept {}

    private:
        /// Readable from any thread; written by one at a time unless what lies beneath is used by several.
        class counter {
        public:
            counter() = default;
            counter(counter&& other) noexcept : value_{other.read()} {}
            counter& operator=(counter&& other) noexcept
            {
                value_.store(other.read(), std::memory_order_relaxed);
                return *this;
            }

            [[nodiscard]] std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }
            void reset() noexcept { value_.store(0, std::memory_order_relaxed); }

            void increment() noexcept
            {
                if constexpr (Next::concurrent) {
                    value_.fetch_add(1, std::memory_order_relaxed);
                } else {
                    value_.store(read() + 1, std::memory_order_relaxed);
                }
            }

        private:
            std::atomic<std::uint64_t> value_{0};
        };

        counter hits_, misses_, failed_gets_, failed_others_, puts_, erases_;
    };
};

} // namespace strata
