#pragma once

#include <strata/store/detail/asymmetric_fence.hpp>
#include <strata/store/detail/reader_lines.hpp>
#include <strata/store/detail/short_wait.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

namespace strata::detail {

/// The lock of a shard that is read far more often than written. A reader names the lock in its thread's cache line and
/// writes nothing else; a writer closes the gate and waits until no line names the lock.
///
/// A reader must not look at the gate before others can see its mark. While the gate is guarded, the reader pays for
/// that with a fence. After many reads without a write it is opened: readers go through without one, and the next
/// writer pays for all of them (Dice and Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX ATC 2019). A
/// thread that has no line among those that writers look at, or whose line names another lock, shares with its like one
/// mark of the lock's own.
class readers_lock {
    using mark = std::atomic<void const*>;

public:
    /// Writers look for readers among `lines`.
    explicit readers_lock(reader_lines const& lines = reader_lines::here()) noexcept : lines_{&lines} {}
    readers_lock(readers_lock const&) = delete;
    readers_lock& operator=(readers_lock const&) = delete;

    /// Held while the shard is read.
    class reader {
    public:
        BOOST_FORCEINLINE explicit reader(readers_lock& lock) noexcept
        {
            auto& line = reader_lines::mine();
            mark_ = &line.reads;
            if (mark_->load(std::memory_order_relaxed) != nullptr) [[unlikely]] {
                mark_ = lock.enter_without_line();
                return;
            }
            // Releases what was read before, for a writer that sees this instead of the end of that.
            mark_->store(&lock, std::memory_order_release);
            light_fence();
            // Acquires what was written before the gate was opened.
            if (lock.gate_.load(std::memory_order_acquire) != open_to(line.among)) [[unlikely]] {
                mark_ = lock.enter_guarded(line);
            }
        }
        BOOST_FORCEINLINE ~reader()
        {
            if (inside_) leave();
        }
        /// Ends it before its time: once for each way that the code after it takes, that way is straight.
        BOOST_FORCEINLINE void leave() noexcept
        {
            inside_ = false;
            mark_->store(nullptr, std::memory_order_release);
        }
        reader(reader const&) = delete;
        reader& operator=(reader const&) = delete;

    private:
        mark* mark_;
        bool inside_ = true;
    };

    /// Held while the shard is changed.
    class writer {
    public:
        explicit writer(readers_lock& lock) noexcept : lock_{lock}
        {
            if (lock.close() == open_to(lock.lines_)) heavy_fence();
            lock.quiet_.store(0, std::memory_order_relaxed);
            auto const wait_for = [&](mark const& reads) {
                for (short_wait wait; reads.load(std::memory_order_seq_cst) == &lock; wait()) {}
            };
            lock.lines_->for_each([&](reader_line const& line) { wait_for(line.reads); });
            wait_for(lock.mark_);
        }
        ~writer() { lock_.gate_.store(guarded, std::memory_order_release); }
        writer(writer const&) = delete;
        writer& operator=(writer const&) = delete;

    private:
        readers_lock& lock_;
    };

private:
    /// How the gate is: one of these, or open, which is the address of the lines that may pass.
    using gate = std::uintptr_t;
    static constexpr gate guarded = 0;
    static constexpr gate closed = 1; ///< By a writer.
    [[nodiscard]] static gate open_to(reader_lines const* lines) noexcept { return reinterpret_cast<gate>(lines); }

    static constexpr std::uint32_t sample = 61; ///< A prime, so that each thread's samples meet all shards.

    /// Waits for other writers. Returns how it was.
    gate close() noexcept
    {
        auto before = guarded;
        for (short_wait wait;;) {
            if (gate_.compare_exchange_strong(before, closed, std::memory_order_seq_cst)) return before;
            while (before == closed) {
                wait();
                before = gate_.load(std::memory_order_relaxed);
            }
        }
    }

    /// With the fence that an open gate spares, and not before a writer has gone. Returns where it is marked.
    BOOST_NOINLINE mark* enter_guarded(reader_line& mine) noexcept
    {
        if (mine.among != lines_) [[unlikely]] {
            mine.reads.store(nullptr, std::memory_order_release);
            return enter_by_own_mark();
        }
        mine.reads.exchange(this, std::memory_order_seq_cst);
        while (is_closed()) {
            mine.reads.store(nullptr, std::memory_order_release);
            wait_while_closed();
            mine.reads.exchange(this, std::memory_order_seq_cst);
        }
        if (++mine.guarded_reads % sample == 0) open_when_quiet();
        return &mine.reads;
    }
    BOOST_NOINLINE mark* enter_without_line() noexcept
    {
        auto& mine = reader_lines::claim();
        return mine.reads.load(std::memory_order_relaxed) == nullptr ? enter_guarded(mine) : enter_by_own_mark();
    }
    mark* enter_by_own_mark() noexcept
    {
        for (short_wait wait;; wait()) {
            void const* nobody = nullptr;
            if (!mark_.compare_exchange_strong(nobody, this, std::memory_order_seq_cst)) continue;
            if (!is_closed()) return &mark_;
            mark_.store(nullptr, std::memory_order_release);
            wait_while_closed();
        }
    }

    [[nodiscard]] bool is_closed() const noexcept { return gate_.load(std::memory_order_seq_cst) == closed; }
    void wait_while_closed() const noexcept
    {
        for (short_wait wait; gate_.load(std::memory_order_relaxed) == closed; wait()) {}
    }

    /// Opens the gate after so many reads without a write that the heavy fence of the next writer, which interrupts
    /// every processor, costs less than their fences did.
    void open_when_quiet() noexcept
    {
        static std::uint32_t const enough = 1024 * std::max(1u, std::thread::hardware_concurrency()) / sample;
        if (quiet_.fetch_add(1, std::memory_order_relaxed) < enough || !asymmetric_fences()) return;
        auto before = guarded;
        gate_.compare_exchange_strong(before, open_to(lines_), std::memory_order_acq_rel, std::memory_order_relaxed);
    }

    std::atomic<gate> gate_{guarded};
    mark mark_{nullptr}; ///< Of one reader at a time that has no line.
    reader_lines const* lines_;
    std::atomic<std::uint32_t> quiet_{0}; ///< Sampled reads since the last write.
};

/// The same where a hit changes something: whoever comes is alone.
class plain_lock {
public:
    class writer {
    public:
        BOOST_FORCEINLINE explicit writer(plain_lock& lock) noexcept : lock_{lock}
        {
            if (lock_.held_.exchange(true, std::memory_order_acquire)) [[unlikely]] lock_.wait();
        }
        BOOST_FORCEINLINE ~writer() { lock_.held_.store(false, std::memory_order_release); }
        writer(writer const&) = delete;
        writer& operator=(writer const&) = delete;

    private:
        plain_lock& lock_;
    };
    using reader = writer;

private:
    BOOST_NOINLINE void wait() noexcept
    {
        for (short_wait wait;;) {
            while (held_.load(std::memory_order_relaxed)) wait();
            if (!held_.exchange(true, std::memory_order_acquire)) return;
        }
    }

    std::atomic<bool> held_{false};
};

} // namespace strata::detail
