#pragma once

#include <strata/store/detail/redis_line.hpp>

#include <cstddef>
#include <memory>
#include <vector>

/// The connections of a store.
namespace strata::detail::redis {

class lines {
public:
    lines(connection_settings settings, std::size_t count, std::chrono::milliseconds first_pause,
          std::chrono::milliseconds longest_pause)
        : settings_{std::move(settings)}, retries_{first_pause, longest_pause, settings_.connect_timeout}
    {
        lines_.reserve(count);
        for (std::size_t i = 0; i < count; ++i) lines_.push_back(std::make_unique<line>(settings_, retries_));
    }

    [[nodiscard]] connection_settings const& settings() const noexcept { return settings_; }

    /// Does the exchange on the first connection that is free, or waits for one.
    [[nodiscard]] status run(exchange const& what, deadline const& until)
    {
        for (auto const& one : lines_) {
            if (!one->try_lock()) continue;
            std::lock_guard const guard{*one, std::adopt_lock};
            return one->run(what, until);
        }
        line& last = *lines_.back();
        if (!last.try_lock(until)) return errc::timed_out;
        std::lock_guard const guard{last, std::adopt_lock};
        return last.run(what, until);
    }

private:
    connection_settings settings_;
    backoff retries_;
    std::vector<std::unique_ptr<line>> lines_;
};

} // namespace strata::detail::redis
