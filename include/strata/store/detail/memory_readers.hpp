#pragma once

#include <strata/store/detail/asymmetric_fence.hpp>
#include <strata/store/detail/reader_lines.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

namespace strata::detail {

/// The lock of a shard that is read far more often than written. A reader names the lock in its thread's cache line and
/// writes nothing else; a writer takes the mutex, closes the gate and waits until no line names the lock.
///
/// A reader must not look at the gate before others can see its mark. While the gate is guarded, the reader pays for
/// that with a fence. After many reads without a write it is opened: readers go through without one, and the next writer
/// pays for all of them (Dice and Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX ATC 2019). A thread that
/// has no line, whose line names another lock, or that meets a closed gate, takes the mutex.
class readers_lock {
    enum class gate : std::uint8_t { guarded, open, closed };

public:
    readers_lock() = default;
    readers_lock(readers_lock const&) = delete;
    readers_lock& operator=(readers_lock const&) = delete;

    /// Held while the shard is read.
    class reader {
    public:
        BOOST_FORCEINLINE explicit reader(readers_lock& lock) : lock_{lock}, line_{&reader_lines::mine()}
        {
            if (line_->reads.load(std::memory_order_relaxed) != nullptr) [[unlikely]] {
                line_ = lock.enter_without_line();
                return;
            }
            // Releases what was read before, for a writer that sees this instead of the end of that.
            line_->reads.store(&lock, std::memory_order_release);
            light_fence();
            // Acquires what was written before the gate was opened.
            if (lock.gate_.load(std::memory_order_acquire) != gate::open) [[unlikely]] line_ = lock.enter_guarded(*line_);
        }
        BOOST_FORCEINLINE ~reader()
        {
            if (line_ != nullptr) [[likely]] {
                line_->reads.store(nullptr, std::memory_order_release);
            } else {
                lock_.mutex_.unlock();
            }
        }
        reader(reader const&) = delete;
        reader& operator=(reader const&) = delete;

    private:
        readers_lock& lock_;
        reader_line* line_; ///< Null: it holds the mutex.
    };

    /// Held while the shard is changed.
    class writer {
    public:
        explicit writer(readers_lock& lock) : held_{lock.mutex_}, lock_{lock}
        {
            bool const open = lock_.gate_.load(std::memory_order_relaxed) == gate::open;
            lock_.gate_.store(gate::closed, std::memory_order_seq_cst);
            if (open) heavy_fence();
            lock_.quiet_.store(0, std::memory_order_relaxed);
            reader_lines::for_each([&](reader_line const& line) {
                while (line.reads.load(std::memory_order_seq_cst) == &lock_) std::this_thread::yield();
            });
        }
        ~writer() { lock_.gate_.store(gate::guarded, std::memory_order_release); }
        writer(writer const&) = delete;
        writer& operator=(writer const&) = delete;

    private:
        std::lock_guard<std::mutex> held_;
        readers_lock& lock_;
    };

private:
    static constexpr std::uint32_t sample = 61; ///< A prime, so that each thread's samples meet all shards.

    /// With the fence that an open gate spares, or, where it is closed, with the mutex.
    BOOST_NOINLINE reader_line* enter_guarded(reader_line& mine)
    {
        mine.reads.exchange(this, std::memory_order_seq_cst);
        if (gate_.load(std::memory_order_seq_cst) == gate::closed) {
            mine.reads.store(nullptr, std::memory_order_release);
            mutex_.lock();
            return nullptr;
        }
        if (++mine.guarded_reads % sample == 0) open_when_quiet();
        return &mine;
    }
    BOOST_NOINLINE reader_line* enter_without_line()
    {
        auto& mine = reader_lines::claim();
        if (mine.reads.load(std::memory_order_relaxed) == nullptr) return enter_guarded(mine);
        mutex_.lock();
        return nullptr;
    }

    /// Opens the gate after so many reads without a write that the heavy fence of the next writer, which interrupts every
    /// processor, costs less than their fences did.
    void open_when_quiet()
    {
        static std::uint32_t const enough = 1024 * std::max(1u, std::thread::hardware_concurrency()) / sample;
        if (quiet_.fetch_add(1, std::memory_order_relaxed) < enough || !asymmetric_fences()) return;
        if (std::unique_lock const held{mutex_, std::try_to_lock}) {
            gate_.store(gate::open, std::memory_order_release);
        }
    }

    std::mutex mutex_;
    std::atomic<gate> gate_{gate::guarded};
    std::atomic<std::uint32_t> quiet_{0}; ///< Sampled reads since the last write.
};

/// The same where a hit changes something: whoever comes is alone.
struct plain_lock {
    class writer {
    public:
        explicit writer(plain_lock& lock) : held_{lock.mutex} {}

    private:
        std::lock_guard<std::mutex> held_;
    };
    using reader = writer;

    std::mutex mutex;
};

} // namespace strata::detail
