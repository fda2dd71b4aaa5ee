#pragma once

#include <strata/core/scratch.hpp>
#include <strata/store/detail/memcached_socket.hpp>
#include <strata/store/detail/memcached_wire.hpp>
#include <strata/store/detail/waiting_line.hpp>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>

/// Threads that get values from a server at the same time, and go together.
namespace strata::detail::memcached {

/// Where such a thread stands.
enum class place : std::uint32_t {
    queued = 0,   ///< Its request has not been sent.
    sent = 1,     ///< Another one has sent it, and will say how it went before the deadline of this one, or soon after.
    leads = 2,    ///< It shall send its request itself, with those of others.
    answered = 3, ///< The reply is there.
    alone = 4     ///< Together it failed: it shall try by itself.
};

/// A thread whose request another one may send. It lives on that thread's stack: from the moment when it is told to
/// lead, is answered or left alone it may be gone.
class member {
public:
    member(std::string_view asked, steady_time until) noexcept : key{asked}, deadline{until} {}

    std::string_view const key;
    steady_time const deadline;
    member* previous = nullptr; ///< In the queue.
    member* next = nullptr;

    [[nodiscard]] place at() const noexcept
    {
        return static_cast<place>(place_.load(std::memory_order_acquire) & ~asleep);
    }
    [[nodiscard]] bool waits() const noexcept { return at() <= place::sent; }

    /// The reply that `keep` has kept.
    [[nodiscard]] reply kept() noexcept { return {opcode::get, status_, 0, flags_, {}, *value_}; }

    /// For the one who leads.
    void keep(reply const& r)
    {
        (*value_).assign(r.value);
        status_ = r.status;
        flags_ = r.flags;
    }

    /// From `queued`.
    void mark_sent() noexcept { place_.fetch_or(static_cast<std::uint32_t>(place::sent), std::memory_order_acq_rel); }

    /// Ends the waiting. What is returned is to be given to `wake` if it is not null.
    [[nodiscard]] std::atomic<std::uint32_t>* move_to(place where) noexcept
    {
        auto* const address = &place_;
        auto const before = place_.exchange(static_cast<std::uint32_t>(where), std::memory_order_acq_rel);
        return (before & asleep) != 0 ? address : nullptr;
    }

    /// Wakes the thread that sleeps at `address`. It need not be there any more: to wake nobody does no harm.
    static void wake(std::atomic<std::uint32_t>* address) noexcept
    {
        if (address) ::syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }

    /// The thread's own: sleeps until it no longer waits, or is still in the queue at its deadline.
    void sleep() noexcept
    {
        while (waits()) {
            std::uint32_t const now = place_.fetch_or(asleep, std::memory_order_acq_rel) | asleep;
            auto const where = static_cast<place>(now & ~asleep);
            if (where > place::sent) return;
            timespec limit{};
            if (where == place::queued) {
                auto const left = std::chrono::nanoseconds{deadline - std::chrono::steady_clock::now()}.count();
                if (left <= 0) return;
                limit = {left / 1'000'000'000, left % 1'000'000'000};
            }
            timespec const* const bound = where == place::queued ? &limit : nullptr;
            ::syscall(SYS_futex, &place_, FUTEX_WAIT_PRIVATE, now, bound, nullptr, 0);
        }
    }

private:
    static constexpr std::uint32_t asleep = 8;

    std::atomic<std::uint32_t> place_{static_cast<std::uint32_t>(place::queued)};
    reply_status status_{};
    std::uint32_t flags_ = 0;
    scratch<std::string> value_;
};

/// Those who get from one server. The one who finds nobody leading leads: it sends its own request and those of all who
/// wait, in one piece, and reads all replies. Then it hands the lead to one who has come meanwhile.
class company {
public:
    /// Waits until `me` leads, is answered or is left alone; `queued`: its deadline has passed.
    [[nodiscard]] place join(member& me)
    {
        {
            std::lock_guard const guard{mutex_};
            if (!led_) {
                led_ = true;
                return place::leads;
            }
            queue_.push(me);
        }
        for (int i = 0; i < looks && me.waits(); ++i) ::sched_yield();
        me.sleep();
        if (me.at() == place::queued) {
            std::lock_guard const guard{mutex_};
            if (me.at() == place::queued) {
                queue_.remove(me);
                return place::queued;
            }
        }
        me.sleep();
        return me.at();
    }

    /// What one does who leads, while this object lives or until `end`.
    class lead {
    public:
        static constexpr std::size_t most = 64; ///< Who go along.

        explicit lead(company& all) noexcept : all_{all} {}
        lead(lead const&) = delete;
        lead& operator=(lead const&) = delete;

        /// Who was not answered is left alone.
        ~lead()
        {
            if (!ended_) end();
        }

        /// Takes along those who wait.
        void gather() noexcept
        {
            std::lock_guard const guard{all_.mutex_};
            while (all_.queue_.first() && size_ < most) {
                member& one = *all_.queue_.first();
                all_.queue_.remove(one);
                one.mark_sent();
                along_[size_++] = &one;
            }
        }
        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        [[nodiscard]] member const& operator[](std::size_t i) const noexcept { return *along_[i]; }

        /// Keeps the reply to the next one who goes along.
        void answer(reply const& r)
        {
            along_[answered_]->keep(r);
            ++answered_;
        }
        [[nodiscard]] std::size_t answered() const noexcept { return answered_; }

        /// Tells all who went along, and hands the lead on.
        void end() noexcept
        {
            ended_ = true;
            for (std::size_t i = 0; i < size_; ++i) {
                member::wake(along_[i]->move_to(i < answered_ ? place::answered : place::alone));
            }
            all_.pass_on();
        }

    private:
        company& all_;
        bool ended_ = false;
        std::size_t size_ = 0;
        std::size_t answered_ = 0;
        std::array<member*, most> along_;
    };

private:
    /// To sleep and be woken takes longer than most answers of a server.
    static constexpr int looks = 12;

    void pass_on() noexcept
    {
        std::atomic<std::uint32_t>* sleeper = nullptr;
        {
            std::lock_guard const guard{mutex_};
            led_ = queue_.first() != nullptr;
            if (!led_) return;
            member& one = *queue_.first();
            queue_.remove(one);
            sleeper = one.move_to(place::leads);
        }
        member::wake(sleeper);
    }

    std::mutex mutex_;
    bool led_ = false; // under the mutex, as is the queue
    waiting_line<member> queue_;
};

/// Whether threads gain by going together: the size of recent groups on average.
class crowd {
public:
    /// Less would only wait for each other.
    static constexpr std::size_t fewest = 4;

    /// Whether to join others rather than to go alone.
    [[nodiscard]] bool gathers() const noexcept { return eighths() >= gathers_from; }

    /// Whether others are likely to come before long.
    [[nodiscard]] bool grows() const noexcept { return eighths() >= grows_from; }

    /// To be told of so many threads that are there at the same time, each for itself.
    void see(std::size_t threads) noexcept
    {
        if (threads < fewest || gathers()) return;
        int const before = eighths();
        eighths_.store(before < 0 ? before + 1 : seen, std::memory_order_relaxed);
    }

    /// To be told of the size of a group, and of its values together.
    void count(std::size_t together, std::size_t bytes) noexcept
    {
        int const before = eighths();
        int const now = bytes > large * together ? apart : before + static_cast<int>(together) - before / scale;
        if (now != before) eighths_.store(now, std::memory_order_relaxed);
    }

private:
    static constexpr int scale = 8;
    static constexpr int grows_from = 2 * scale;
    static constexpr int gathers_from = 5 * scale / 2;
    static constexpr int seen = 4 * scale;

    /// Values of more bytes take longer to be copied once more, and to wait for each other, than they gain.
    static constexpr std::size_t large = 8192;
    /// After such, threads are seen so often before they go together again.
    static constexpr int apart = -10'000;

    [[nodiscard]] int eighths() const noexcept { return eighths_.load(std::memory_order_relaxed); }

    std::atomic<int> eighths_{0};
};

} // namespace strata::detail::memcached
