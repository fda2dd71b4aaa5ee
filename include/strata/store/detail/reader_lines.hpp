#pragma once

#include <boost/config.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// A cache line in which one thread, and no other, says what it reads at the moment.
struct alignas(64) reader_line {
    std::atomic<void const*> reads{nullptr};
    std::atomic<bool> taken{false};
    std::uint32_t guarded_reads = 0; ///< Of its thread alone.
};

/// The lines of all threads. One that ends gives its line back.
class reader_lines {
public:
    static constexpr std::size_t most = 128;

    /// That of this thread, or one that always reads something.
    [[nodiscard]] static reader_line& mine() noexcept { return *mine_; }

    /// The same, after an attempt to get one.
    static reader_line& claim() noexcept
    {
        if (mine_ != &none_ || ending_) return *mine_;
        for (std::size_t i = 0; i < most; ++i) {
            bool free = false;
            // Acquires what the thread did that had it last.
            if (lines_[i].taken.load(std::memory_order_relaxed) ||
                !lines_[i].taken.compare_exchange_strong(free, true, std::memory_order_acquire)) {
                continue;
            }
            mine_ = &lines_[i];
            static thread_local keeper const until_it_ends;
            static_cast<void>(&until_it_ends);
            auto used = used_.load(std::memory_order_seq_cst);
            while (used < i + 1 && !used_.compare_exchange_weak(used, i + 1, std::memory_order_seq_cst)) {}
            break;
        }
        return *mine_;
    }

    /// Calls `f` with each line that a thread may have marked before now.
    template <class F> static void for_each(F&& f)
    {
        auto const used = used_.load(std::memory_order_seq_cst);
        for (std::size_t i = 0; i < used; ++i) f(lines_[i]);
    }

private:
    struct keeper {
        keeper() noexcept = default;
        keeper(keeper const&) = delete;
        keeper& operator=(keeper const&) = delete;
        ~keeper()
        {
            auto& line = *mine_;
            mine_ = &none_;
            ending_ = true;
            line.taken.store(false, std::memory_order_release);
        }
    };

    // One of each for the whole program, also where its parts hide their symbols: two threads must never share a line.
    BOOST_SYMBOL_VISIBLE static inline constinit std::array<reader_line, most> lines_{};
    BOOST_SYMBOL_VISIBLE static inline constinit reader_line none_{.reads{&lines_}};
    BOOST_SYMBOL_VISIBLE static inline constinit std::atomic<std::size_t> used_{0};
    BOOST_SYMBOL_VISIBLE static inline constinit thread_local reader_line* mine_ = &none_;
    BOOST_SYMBOL_VISIBLE static inline constinit thread_local bool ending_ = false;
};

} // namespace strata::detail
