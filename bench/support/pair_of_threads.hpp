#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace bench {

/// This thread and another one, each on a processor of its own where the system lets them choose. The other one is
/// started once; between its turns it sleeps, so that it takes nothing from this one.
class pair_of_threads {
public:
    using nanoseconds = std::chrono::duration<double, std::nano>;

    pair_of_threads() : other_{[this] { serve(); }} { stay_on(0); }
    ~pair_of_threads()
    {
        over_ = true;
        wake();
        other_.join();
    }
    pair_of_threads(pair_of_threads const&) = delete;
    pair_of_threads& operator=(pair_of_threads const&) = delete;

    /// How long `f` takes here while the other thread sleeps.
    template <class F> static double alone(F&& f)
    {
        auto const start = clock::now();
        f();
        return nanoseconds{clock::now() - start}.count();
    }

    /// How long `here` and `there` take, done by both threads at once, until both have ended.
    template <class F, class G> double both(F&& here, G&& there)
    {
        struct call {
            G& work;
            static void run(void* self) { static_cast<call*>(self)->work(); }
        } other{there};
        work_ = call::run;
        argument_ = &other;
        ready_ = false;
        go_ = false;
        done_ = false;
        wake();
        while (!ready_) {} // it is awake and running, and spins as this one does
        auto const start = clock::now();
        go_ = true;
        here();
        while (!done_) {}
        return nanoseconds{clock::now() - start}.count();
    }

private:
    using clock = std::chrono::steady_clock;

    static void stay_on([[maybe_unused]] unsigned processor)
    {
#if defined(__linux__)
        cpu_set_t only;
        CPU_ZERO(&only);
        CPU_SET(processor, &only);
        static_cast<void>(::pthread_setaffinity_np(::pthread_self(), sizeof only, &only)); // where it may not: anywhere
#endif
    }

    void wake()
    {
        ++turn_;
        turn_.notify_one();
    }

    void serve()
    {
        stay_on(1);
        for (std::uint32_t last = 0;; ++last) {
            turn_.wait(last);
            if (over_) return;
            ready_ = true;
            while (!go_) {}
            work_(argument_);
            done_ = true;
        }
    }

    std::atomic<std::uint32_t> turn_{0};
    std::atomic<bool> over_{false};
    void (*work_)(void*) = nullptr;
    void* argument_ = nullptr;
    alignas(64) std::atomic<bool> ready_{false};
    alignas(64) std::atomic<bool> go_{false};
    alignas(64) std::atomic<bool> done_{false};
    std::thread other_; ///< Last: it uses all of these.
};

} // namespace bench
