#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// Objects that are dear to make and that one thread at a time uses. Taking one and giving it back are two atomic
/// operations without waiting, and none at all where only one thread at a time comes (`Concurrent` is false). The
/// pool owns what is in it; nothing may be on loan when it is destroyed.
template <class T, bool Concurrent> class object_pool {
public:
    object_pool() = default;
    object_pool(object_pool const&) = delete;
    object_pool& operator=(object_pool const&) = delete;
    ~object_pool()
    {
        for (slot& s : slots_) delete s.take();
    }

    /// An object on loan. Unless `give_back` is called it is destroyed: what an exception interrupted is not used
    /// again.
    class loan {
    public:
        loan(object_pool& from, std::unique_ptr<T> object) noexcept : pool_{from}, object_{std::move(object)} {}

        T* operator->() const noexcept { return object_.get(); }
        T& operator*() const noexcept { return *object_; }

        void give_back() noexcept { pool_.put(std::move(object_)); }

    private:
        object_pool& pool_;
        std::unique_ptr<T> object_;
    };

    /// An object of the pool, or a new one from `make()` where all are on loan.
    template <class Make> [[nodiscard]] loan take(Make&& make)
    {
        std::size_t const first = place();
        for (std::size_t i = 0; i < size; ++i) {
            if (T* const object = slots_[(first + i) % size].take()) return {*this, std::unique_ptr<T>{object}};
        }
        return {*this, make()};
    }

private:
    static constexpr std::size_t size = Concurrent ? 32 : 1;

    struct alone {
        T* object = nullptr;

        T* take() noexcept { return std::exchange(object, nullptr); }
        bool put(T* back) noexcept { return object ? false : (object = back, true); }
    };
    struct alignas(64) shared {
        std::atomic<T*> object = nullptr;

        T* take() noexcept
        {
            if (!object.load(std::memory_order_relaxed)) return nullptr;
            return object.exchange(nullptr, std::memory_order_acquire);
        }
        bool put(T* back) noexcept
        {
            T* expected = nullptr;
            return object.compare_exchange_strong(expected, back, std::memory_order_release,
                                                  std::memory_order_relaxed);
        }
    };
    using slot = std::conditional_t<Concurrent, shared, alone>;

    void put(std::unique_ptr<T> object) noexcept
    {
        std::size_t const first = place();
        for (std::size_t i = 0; i < size; ++i) {
            if (slots_[(first + i) % size].put(object.get())) return static_cast<void>(object.release());
        }
    }

    /// Where this thread begins to look, so that each comes back to its own object.
    static std::size_t place() noexcept
    {
        if constexpr (Concurrent) {
            static std::atomic<std::size_t> threads = 0;
            thread_local std::size_t const mine = threads.fetch_add(1, std::memory_order_relaxed) % size;
            return mine;
        } else {
            return 0;
        }
    }

    std::array<slot, size> slots_;
};

} // namespace strata::detail
