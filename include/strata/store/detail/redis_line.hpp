#pragma once

#include <strata/store/detail/redis_backoff.hpp>
#include <strata/store/detail/redis_batch.hpp>
#include <strata/store/detail/redis_connection.hpp>
#include <strata/store/detail/waiting_line.hpp>

#include <boost/config.hpp>

#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace strata::detail::redis {

/// One connection and the threads that share it.
///
/// The thread that finds the line free leads: it sends its own request and those of all threads that wait, in one
/// piece, reads all replies, and gives each thread its own. Then it hands the lead to one that has come meanwhile. A
/// thread that is alone takes the lead and gives it back by an atomic operation each. A leader whose deadline passes
/// hands the lead, with the replies that are still to come, to a thread that waits for one of them; replies to a thread
/// that has gone are dropped when they come. Only where nobody is left to read them is the connection closed.
class line {
public:
    line(connection_settings const& settings, backoff& retries) noexcept : settings_{settings}, retries_{retries} {}

    line(line const&) = delete;
    line& operator=(line const&) = delete;

    /// Whether nobody leads at the moment.
    [[nodiscard]] bool free() const noexcept { return !led_.load(std::memory_order_relaxed); }

    /// Whether so many threads are here that they gain by going together.
    [[nodiscard]] bool busy() const noexcept { return pending_ || crowd() >= busy_from; }

    /// Takes the lead if nobody has it: the caller must go on with `run(what, until, true)`.
    [[nodiscard]] bool seize() noexcept { return !led_.exchange(true); }

    /// Sends the request and hands the replies to its handler. What that throws is thrown. `seized` says whether the
    /// caller has the lead already, `company` whether other threads use the store at the same time.
    [[nodiscard]] status run(exchange const& what, deadline const& until, bool seized, bool company = false)
    {
        bool const tried = seized && suits_alone(what, until);
        if (tried && alone(what, until, company)) return {};
        return run_on(what, until, seized, tried);
    }

    /// For a child process: closes what belongs to the parent, and destroys nothing, since a thread of the parent may
    /// have been in the middle of it at the fork. Nothing else may be done with the line after it.
    void disown() noexcept
    {
        if (connection const* const parents = connection_.release()) parents->disown();
    }

private:
    /// A connection that has been idle for longer is looked at before it is used.
    static constexpr std::chrono::milliseconds trust{100};
    static constexpr std::size_t most_in_batch = 128;
    static constexpr int spins = 12; ///< To sleep and be woken takes longer than most answers of a server.
    /// With company the server answers soon if it gets a processor, and who does not sleep need not be woken.
    static constexpr int yields = 4;
    static constexpr int crowd_scale = 8;
    static constexpr int crowd_from = 2 * crowd_scale; ///< From two in a batch on others are waited for.
    /// Where a key was not found others are likely not to be found either, and asking twice costs more than it wins.
    static constexpr int batches_unmerged = 64;
    /// After a refusal, of which the server may keep a record: about a minute of nothing but such batches.
    static constexpr int batches_after_refusal = 1 << 20;
    static constexpr int busy_from = 5 * crowd_scale / 2;

    [[nodiscard]] bool suits_alone(exchange const& what, deadline const& until) const noexcept
    {
        return connection_ && what.replies == 1 && !crowded() && until.at() - last_used_ <= trust &&
               !suspect_.load(std::memory_order_relaxed);
    }

    /// What most requests of a thread without company come to. False: it failed, and the caller leads on.
    bool alone(exchange const& what, deadline const& until, bool company)
    {
        try {
            if (!connection_->send(what.request, {}, until)) return false;
            for (bool at_once = true;; at_once = false) {
                if (!connection_->fill(until, at_once, company ? yields : 0)) return false;
                auto const progress = connection_->next(what.handler, what.expected);
                if (progress == connection::progress::failed) return false;
                if (progress == connection::progress::complete) break;
            }
        } catch (...) {
            break_off(errc::unavailable);
            throw;
        }
        rest(until);
        return true;
    }

    /// All the rest of `run`: the caller leads if he has `seized` the line, and may have `tried` alone.
    BOOST_NOINLINE status run_on(exchange const& what, deadline const& until, bool seized, bool tried)
    {
        bool again = false;
        if (tried) {
            again = may_repeat(what);
            failure const reason = connection_->reason();
            break_off(reason);
            if (!again) return reason;
            return once_more(what, until);
        }
        status const done = seized ? lead(what, until, true, again) : attempt(what, until, again);
        return again ? once_more(what, until) : done;
    }

    status once_more(exchange what, deadline const& until)
    {
        bool again = false;
        what.apart = true;
        return attempt(what, until, again);
    }

    status attempt(exchange const& what, deadline const& until, bool& again)
    {
        again = false;
        if (seize()) return lead(what, until, false, again);

        waiter me{what};
        switch (wait(me, until)) {
        case place::leads:
            if (!until.passed()) return lead(what, until, false, again);
            release();
            return errc::timed_out;
        case place::takes_over: take_over(me, until); break;
        default: break;
        }
        again = me.again;
        if (again || (*me.replies).replay(what.handler)) return me.outcome;
        suspect_.store(true, std::memory_order_relaxed);
        return errc::protocol;
    }

    /// Gives the lead to one who waits, if there is one.
    BOOST_FORCEINLINE void release() noexcept
    {
        do {
            if (BOOST_UNLIKELY(pending_) && pass_on()) return;
            led_.store(false);
        } while (BOOST_UNLIKELY(pending_) && seize()); // whoever came before that may have seen a leader
    }

    /// Gives the lead to the first of those who wait. False: there is none.
    BOOST_NOINLINE bool pass_on() noexcept
    {
        std::unique_lock lock{mutex_};
        waiter* const one = queue_.first();
        if (!one) return false;
        unqueue(*one);
        auto* const sleeper = one->move_to(place::leads);
        lock.unlock();
        waiter::wake(sleeper);
        return true;
    }

    void enqueue(waiter& one) noexcept
    {
        queue_.push(one);
        pending_ = true;
    }
    void unqueue(waiter& one) noexcept
    {
        queue_.remove(one);
        pending_ = queue_.first() != nullptr;
    }

    /// Waits until `me` is answered or shall lead. That its deadline passes is an answer too.
    place wait(waiter& me, deadline const& until)
    {
        std::unique_lock lock{mutex_};
        if (refusal_) {
            me.outcome = *refusal_;
            return place::answered;
        }
        enqueue(me);
        if (seize()) {
            unqueue(me);
            return place::leads;
        }
        lock.unlock();
        for (int i = 0; i < spins && me.waits(); ++i) ::sched_yield();
        me.sleep(until);
        if (!me.waits()) return me.at();
        lock.lock();
        if (!me.waits()) return me.at();
        me.at() == place::queued ? unqueue(me) : void(batch_[me.slot].who = nullptr);
        me.outcome = errc::timed_out;
        return place::answered;
    }

    /// Sends the request, with others, and reads until all of them are answered. The caller leads until this returns.
    status lead(exchange const& what, deadline const& until, bool at_once, bool& again)
    {
        batch_.clear();
        try {
            bool const reused = ready(until);
            if (!reused) {
                if (status const connected = connect(until); !connected) {
                    release();
                    return connected;
                }
            }
            gather(what);
            bool const sent = batch_.merged() ? connection_->send(batch_.text(), {}, until)
                                              : connection_->send(what.request, batch_.text(), until);
            bool const done = sent && read(until, at_once && reused);
            if (batch_[0].ask_apart) {
                again = true;
                conclude(done, sent, until);
                return errc::unavailable;
            }
            if (done || batch_.answered() > 0) {
                conclude(done, sent, until);
                return {};
            }
            batch_[0].own = nullptr;
            again = reused && may_repeat(what);
            status const failed = connection_->reason();
            conclude(done, sent, until);
            return failed;
        } catch (...) {
            break_off(errc::unavailable);
            throw;
        }
    }

    /// Reads on where another one has led.
    void take_over(waiter& me, deadline const& until)
    {
        try {
            bool const done = read(until, false);
            if (!done && connection_->reason().code() == errc::timed_out && me.at() == place::takes_over) {
                std::lock_guard const guard{mutex_};
                batch_[me.slot].who = nullptr;
                me.outcome = errc::timed_out;
            }
            conclude(done, true, until);
        } catch (...) {
            break_off(errc::unavailable);
            throw;
        }
    }

    /// Gives the lead up after all was done, or in the way that suits what went wrong.
    void conclude(bool done, bool sent, deadline const& until) noexcept
    {
        if (done) {
            rest(until);
        } else if (!sent || connection_->reason().code() != errc::timed_out || !hand_over()) {
            break_off(connection_->reason());
        }
    }

    /// Gives the lead up; the connection stays for the next one.
    BOOST_FORCEINLINE void rest(deadline const& until) noexcept
    {
        if (BOOST_UNLIKELY(!connection_->rest())) connection_.reset();
        last_used_ = until.at();
        release();
    }

    /// Whether there is a connection that can be used.
    bool ready(deadline const& until)
    {
        if (connection_ && (suspect_.load(std::memory_order_relaxed) ||
                            (until.at() - last_used_ > trust && connection_->stale()))) {
            connection_.reset();
        }
        return connection_ != nullptr;
    }

    status connect(deadline const& until)
    {
        suspect_.store(false, std::memory_order_relaxed);
        if (until.passed()) return errc::timed_out; // which says nothing of the server
        if (auto refused = retries_.refusal()) return refuse_all(*refused);
        auto const down = retries_.last_failure();
        if (down) refuse_all(*down, true);
        if (status const opened = connection::open(settings_, until, connection_); !opened) {
            retries_.failed(opened.reason());
            return refuse_all(opened.reason());
        }
        retries_.succeeded();
        if (down) {
            std::lock_guard const guard{mutex_};
            refusal_.reset();
        }
        return {};
    }

    /// While the server is down nobody waits for it, nor, with `from_now_on`, for an attempt to reach it.
    status refuse_all(failure const& reason, bool from_now_on = false)
    {
        std::lock_guard const guard{mutex_};
        refusal_ = from_now_on ? std::optional{reason} : std::nullopt;
        while (waiter* const one = queue_.first()) {
            unqueue(*one);
            one->outcome = reason;
            waiter::wake(one->move_to(place::answered));
        }
        return reason;
    }

    /// Makes a batch of the leader's own request and those that wait, unless it is large.
    void gather(exchange const& what)
    {
        batch_.add_own(what);
        if (what.large()) return;
        if (crowd() >= crowd_from) ::sched_yield(); // others are about to ask too
        if (pending_) {
            std::lock_guard const guard{mutex_};
            while (waiter* const one = queue_.first()) {
                if (one->what.large() || batch_.size() == most_in_batch) break;
                batch_.add(*one);
                unqueue(*one);
                one->mark_sent();
            }
        }
        if (unmerged_ == 0) {
            batch_.merge();
        } else {
            --unmerged_;
        }
        int const before = crowd();
        int const now = before + static_cast<int>(batch_.size()) - before / crowd_scale;
        if (now != before) crowd_.store(now, std::memory_order_relaxed);
    }

    /// The size of recent batches on average, in eighths.
    [[nodiscard]] int crowd() const noexcept { return crowd_.load(std::memory_order_relaxed); }

    /// Whether other threads wait, or are likely to ask before long.
    [[nodiscard]] bool crowded() const noexcept { return pending_ || crowd() >= crowd_from; }

    /// Reads until the batch is complete.
    bool read(deadline const& until, bool at_once)
    {
        bool reading = true;
        while (reading && !batch_.complete()) {
            switch (next_reply()) {
            case connection::progress::complete: break;
            case connection::progress::failed: reading = false; break;
            case connection::progress::incomplete:
                deliver();
                reading = connection_->fill(until, std::exchange(at_once, false));
            }
        }
        deliver();
        return reading;
    }

    /// Reads on in the reply to the current request, or to all of them where they were merged.
    connection::progress next_reply()
    {
        if (batch_.merged()) {
            merged_reply all{batch_};
            auto const progress = connection_->next(all, merged_reply::expected);
            if (all.marked()) unmerged_ = all.refused() ? batches_after_refusal : batches_unmerged;
            return progress;
        }
        sent_request& current = batch_.current();
        auto const progress = connection_->next(current.handler(), current.expected);
        if (progress == connection::progress::complete) batch_.count_reply();
        return progress;
    }

    /// Gives their replies to all that have been answered.
    void deliver() noexcept
    {
        if (batch_.size() == 1 && batch_[0].own) return;
        std::array<std::atomic<unsigned>*, most_in_batch> sleepers;
        std::size_t count = 0;
        {
            std::lock_guard const guard{mutex_};
            while (sent_request* const one = batch_.next_to_deliver()) {
                if (!one->who) continue;
                if (one->ask_apart) {
                    one->who->outcome = errc::unavailable;
                    one->who->again = true;
                }
                swap(*one->who->replies, one->kept);
                sleepers[count] = one->who->move_to(place::answered);
                if (sleepers[count]) ++count;
            }
        }
        // Outside of the lock, which they are likely to want next.
        for (std::size_t i = 0; i < count; ++i) waiter::wake(sleepers[i]);
    }

    /// Hands the lead to one who waits for a reply. False: nobody does.
    bool hand_over() noexcept
    {
        std::lock_guard const guard{mutex_};
        for (std::size_t i = batch_.answered(); i < batch_.size(); ++i) {
            if (!batch_[i].who) continue;
            waiter::wake(batch_[i].who->move_to(place::takes_over));
            return true;
        }
        return false;
    }

    /// Whether the request that has failed may be sent again: it reached nobody, or can do no harm.
    [[nodiscard]] bool may_repeat(exchange const& what) const noexcept
    {
        return connection_->reason().code() == errc::unavailable && !connection_->received() &&
               (what.repeatable || !connection_->sent());
    }

    /// Closes the connection and gives the lead up. The request whose replies were being read failed for `reason`;
    /// those behind it were only unlucky, and may be sent again if they change nothing.
    void break_off(failure const reason) noexcept
    {
        bool const sent = connection_ && connection_->sent();
        connection_.reset();
        {
            std::lock_guard const guard{mutex_};
            refusal_.reset();
            for (std::size_t i = batch_.answered(); i < batch_.size(); ++i) {
                waiter* const one = batch_[i].who;
                if (!one) continue;
                bool const unlucky = i > batch_.answered() || reason.code() == errc::unavailable;
                one->outcome = unlucky ? failure{errc::unavailable} : reason;
                one->again = unlucky && (batch_[i].repeatable || !sent);
                if (i == batch_.answered()) swap(*one->replies, batch_[i].kept); // those that have come
                waiter::wake(one->move_to(place::answered));
            }
        }
        batch_.clear();
        release();
    }

    /// What all threads look at, apart from what a leader changes each time.
    alignas(64) std::atomic<bool> pending_{false}; ///< Whether `queue_` holds anybody.
    std::atomic<int> crowd_{crowd_scale};          ///< The leader's own, for all to see.
    connection_settings const& settings_;
    backoff& retries_;

    alignas(64) std::atomic<bool> led_{false};
    std::atomic<bool> suspect_{false}; ///< Somebody found that the connection does not answer what was asked.

    std::mutex mutex_;
    waiting_line<waiter> queue_; ///< Under the lock, as is who waits for what in the batch.
    std::optional<failure> refusal_; ///< Under the lock: why nobody may wait at the moment.

    // The leader's own.
    std::unique_ptr<connection> connection_;
    batch batch_;
    int unmerged_ = 0; ///< So many batches are not to be merged.
    deadline::clock::time_point last_used_; ///< The deadline of the operation that was done last.
};

} // namespace strata::detail::redis
