#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace strata::detail {

/// A number for each thread that asks for it, from 0 up.
[[nodiscard]] inline std::atomic<std::size_t>& numbered_threads() noexcept
{
    static constinit std::atomic<std::size_t> count{0};
    return count;
}
[[nodiscard]] inline std::size_t number_of_this_thread() noexcept
{
    constinit thread_local std::size_t number = 0;
    if (number == 0) [[unlikely]] number = numbered_threads().fetch_add(1, std::memory_order_relaxed) + 1;
    return number - 1;
}

/// Locks of which a reader writes to no cache line that another reader writes to. Each reader says in a line of its own
/// which shard it reads; a writer takes the shard's mutex, announces itself and waits until nobody reads there. A
/// thread whose line is taken, or that meets a writer, takes the mutex as well.
class memory_readers {
public:
    struct alignas(64) line {
        std::atomic<std::uint32_t> reads{0}; ///< The shard, counted from 1.
    };
    struct gate {
        std::mutex mutex;
        std::atomic<bool> writing{false};
    };

    /// Runs `f` while nobody changes the shard, if it can be had without the mutex; tells whether it has.
    template <class F> bool read(gate const& g, std::uint32_t shard, F&& f)
    {
        auto& mine = (*lines_)[number_of_this_thread() % lines].reads;
        std::uint32_t idle = 0;
        if (!mine.compare_exchange_strong(idle, shard + 1, std::memory_order_seq_cst)) return false;
        struct leave {
            std::atomic<std::uint32_t>& reads;
            ~leave() { reads.store(0, std::memory_order_release); }
        } const at_end{mine};
        if (g.writing.load(std::memory_order_seq_cst)) return false;
        f();
        return true;
    }

    /// Held while a shard is changed.
    class writer {
    public:
        writer(memory_readers const& readers, gate& g, std::uint32_t shard) : lock_{g.mutex}, gate_{g}
        {
            gate_.writing.store(true, std::memory_order_seq_cst);
            auto const threads = std::min(numbered_threads().load(std::memory_order_seq_cst), lines);
            for (std::size_t i = 0; i < threads; ++i) {
                while ((*readers.lines_)[i].reads.load(std::memory_order_seq_cst) == shard + 1) std::this_thread::yield();
            }
        }
        ~writer() { gate_.writing.store(false, std::memory_order_release); }
        writer(writer const&) = delete;
        writer& operator=(writer const&) = delete;

    private:
        std::lock_guard<std::mutex> lock_;
        gate& gate_;
    };

private:
    static constexpr std::size_t lines = 64;

    std::unique_ptr<std::array<line, lines>> lines_ = std::make_unique<std::array<line, lines>>();
};

} // namespace strata::detail
