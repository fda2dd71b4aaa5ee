#pragma once

#include <strata/core/layer.hpp>
#include <strata/layer/detail/flight.hpp>

#include <boost/container_hash/hash.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <typeindex>
#include <unordered_map>
#include <utility>

namespace strata {

/// One computation per key at a time, in `get_or` and in memoized functions: while a thread computes a value, others
/// that miss the same key wait for it and get the same value, or what the computing throws. It stands anywhere in the
/// stack, concerns this stack object alone, and leaves all other operations as they are.
///
/// A computation may need other values, and even its own: a thread that would wait for itself, directly or through
/// other threads, computes instead. No lock is held while user code runs. A hit costs the reading of one atomic number.
/// Safe from many threads where the rest of the stack is. Moving a stack while a value is computed is not possible.
struct Coalesce {
    static constexpr fixed_string name{"Coalesce"};
    static constexpr bool coalesces = true;

    template <class Next> class on {
        using beneath = typename Next::key_type;
        using id = std::conditional_t<std::same_as<beneath, bytes>, std::string, beneath>;

    public:
        static constexpr bool takes_over = true;

        on() = default;
        on(on&&) noexcept {}
        on& operator=(on&&) noexcept { return *this; }

        /// What `look()` finds, else what `compute()` returns, here or in the thread that is at it. `key()` makes the
        /// key.
        template <class T, class Key, class Look, class Compute>
        T get_or(Key const& key, Look const& look, Compute const& compute)
        {
            auto const before = ended_.load(std::memory_order_acquire);
            if (auto found = look()) return *std::move(found);

            id const which = key();
            std::shared_ptr<detail::flight> current;
            auto const own = std::make_shared<detail::flight_of<T>>();
            {
                std::lock_guard const guard{mutex_};
                auto const [at, first] = flights_.try_emplace(which, own);
                if (!first) current = at->second;
            }
            if (!current) return lead<T>(which, own, before, look, compute);
            if (current->type() != std::type_index{typeid(T)} || !detail::flight::wait(current)) return compute();
            return static_cast<detail::flight_of<T> const&>(*current).value();
        }

    private:
        template <class T, class Look, class Compute>
        T lead(id const& which, std::shared_ptr<detail::flight_of<T>> const& flight, std::uint64_t before,
               Look const& look, Compute const& compute)
        {
            bool in_table = true;
            try {
                T value = look_again<T>(before, look, compute);
                leave(which);
                in_table = false;
                if (flight.use_count() > 1) flight->land(value); // nobody joins any more
                return value;
            } catch (...) {
                if (in_table) leave(which);
                flight->crash(std::current_exception());
                throw;
            }
        }

        /// Another thread may have stored the value between the miss and now; then some computation has ended since.
        template <class T, class Look, class Compute>
        T look_again(std::uint64_t before, Look const& look, Compute const& compute)
        {
            if (ended_.load(std::memory_order_acquire) != before) {
                if (auto found = look()) return *std::move(found);
            }
            return compute();
        }

        void leave(id const& which)
        {
            std::lock_guard const guard{mutex_};
            flights_.erase(which);
            ended_.fetch_add(1, std::memory_order_release);
        }

        std::mutex mutex_;
        std::unordered_map<id, std::shared_ptr<detail::flight>, boost::hash<id>> flights_;
        std::atomic<std::uint64_t> ended_{0};
    };
};

} // namespace strata
