#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <typeindex>
#include <unordered_map>
#include <utility>

namespace strata::detail {

/// One computation, and those who wait for what it returns or throws.
class flight {
public:
    explicit flight(std::type_index made) : type_{made} {}
    virtual ~flight() = default;
    flight(flight const&) = delete;
    flight& operator=(flight const&) = delete;

    [[nodiscard]] std::type_index type() const noexcept { return type_; }

    /// Waits until it has ended. False, at once, where this thread would wait for itself: it computes the value that is
    /// waited for, or one that the computing of that value waits for.
    [[nodiscard]] static bool wait(std::shared_ptr<flight> const& for_this)
    {
        auto const self = std::this_thread::get_id();
        {
            std::lock_guard const guard{waits().mutex};
            for (flight const* next = for_this.get(); next;) {
                if (next->owner_ == self) return false;
                auto const found = waits().of.find(next->owner_);
                next = found == waits().of.end() ? nullptr : found->second.get();
            }
            waits().of[self] = for_this;
        }
        {
            std::unique_lock lock{for_this->mutex_};
            for_this->changed_.wait(lock, [&] { return for_this->ended_; });
        }
        std::lock_guard const guard{waits().mutex};
        waits().of.erase(self);
        return true;
    }

protected:
    /// Calls `set` and lets those go on who wait.
    template <class Set> void end(Set&& set)
    {
        {
            std::lock_guard const guard{mutex_};
            set();
            ended_ = true;
        }
        changed_.notify_all();
    }

private:
    /// Which thread waits for what, in all stacks: computations of one may need values of another.
    struct waiting {
        std::mutex mutex;
        std::unordered_map<std::thread::id, std::shared_ptr<flight>> of;
    };
    static waiting& waits()
    {
        static waiting instance;
        return instance;
    }

    std::type_index type_;
    std::thread::id owner_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
};

template <class T> class flight_of final : public flight {
public:
    flight_of() : flight{typeid(T)} {}

    void land(T const& value)
    {
        end([&] { value_ = value; });
    }
    void crash(std::exception_ptr thrown)
    {
        end([&] { thrown_ = std::move(thrown); });
    }

    /// After its end: the value, or what was thrown is thrown again.
    [[nodiscard]] T const& value() const
    {
        if (thrown_) std::rethrow_exception(thrown_);
        return *value_;
    }

private:
    std::optional<T> value_;
    std::exception_ptr thrown_;
};

} // namespace strata::detail
