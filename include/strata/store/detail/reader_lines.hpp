#pragma once

#include <boost/config.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

class reader_lines;

/// A cache line in which one thread, and no other, says what it reads at the moment.
struct alignas(64) reader_line {
    std::atomic<void const*> reads{nullptr};
    reader_lines const* among = nullptr; ///< Those that it is one of, once it has been claimed.
    std::atomic<bool> taken{false};
    std::uint32_t guarded_reads = 0; ///< Of its thread alone.
};

/// The lines of all threads. One that ends gives its line back.
///
/// There shall be one of this for the whole program, also where its parts hide their symbols. Where a linker does not
/// see to that (a program and what it opens with dlopen(3), mostly), each part has its own, with a line for each
/// thread: who looks for readers must know among which.
class reader_lines {
public:
    static constexpr std::size_t most = 128;

    /// Those of this part of the program.
    [[nodiscard]] static reader_lines const& here() noexcept;

    /// That of this thread, or one that always reads something.
    [[nodiscard]] static reader_line& mine() noexcept;

    /// The same, after an attempt to get one.
    static reader_line& claim() noexcept;

    /// Calls `f` with each line that a thread may have marked before now.
    template <class F> void for_each(F&& f) const
    {
        auto const used = used_.load(std::memory_order_seq_cst);
        for (std::size_t i = 0; i < used; ++i) f(lines_[i]);
    }

private:
    struct this_part;

    reader_line* free_one() noexcept
    {
        for (std::size_t i = 0; i < most; ++i) {
            bool free = false;
            // Acquires what the thread did that had it last.
            if (lines_[i].taken.load(std::memory_order_relaxed) ||
                !lines_[i].taken.compare_exchange_strong(free, true, std::memory_order_acquire)) {
                continue;
            }
            lines_[i].among = this;
            auto used = used_.load(std::memory_order_seq_cst);
            while (used < i + 1 && !used_.compare_exchange_weak(used, i + 1, std::memory_order_seq_cst)) {}
            return &lines_[i];
        }
        return nullptr;
    }

    std::array<reader_line, most> lines_{};
    std::atomic<std::size_t> used_{0};
};

struct reader_lines::this_part {
    struct keeper {
        keeper() noexcept = default;
        keeper(keeper const&) = delete;
        keeper& operator=(keeper const&) = delete;
        ~keeper()
        {
            auto& line = *mine;
            mine = &none;
            ending = true;
            line.taken.store(false, std::memory_order_release);
        }
    };

    BOOST_SYMBOL_VISIBLE static inline constinit reader_lines lines{};
    BOOST_SYMBOL_VISIBLE static inline constinit reader_line none{.reads{&lines}};
    BOOST_SYMBOL_VISIBLE static inline constinit thread_local reader_line* mine = &none;
    BOOST_SYMBOL_VISIBLE static inline constinit thread_local bool ending = false;
};

inline reader_lines const& reader_lines::here() noexcept { return this_part::lines; }
inline reader_line& reader_lines::mine() noexcept { return *this_part::mine; }
inline reader_line& reader_lines::claim() noexcept
{
    if (this_part::mine != &this_part::none || this_part::ending) return *this_part::mine;
    if (reader_line* const line = this_part::lines.free_one()) {
        this_part::mine = line;
        static thread_local this_part::keeper const until_it_ends;
        static_cast<void>(&until_it_ends);
    }
    return *this_part::mine;
}

} // namespace strata::detail
