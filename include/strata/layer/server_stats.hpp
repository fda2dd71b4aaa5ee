#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/sink.hpp>
#include <strata/store/server_counters.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace strata {

/// Hits and misses as the Redis or memcached server counts them: those of all its clients, with what layers and other
/// processes ask. `stack.layer<ServerStats>()` asks the server at each call, which is a round trip (to each server of
/// `Memcached`). Requests pass it at no cost. Safe from many threads. A miss of a Redis that many threads ask at once may
/// be counted twice there, since what MGET does not find is asked for by GET.
///
/// Over a store that has no server, asking does not compile.
struct ServerStats {
    static constexpr fixed_string name{"ServerStats"};

    template <class Next> class on;
};

/// What `stack.layer<ServerStats>()` returns. It refers to the stack, and is of use no longer than that.
template <class Next> class server_stats_view {
public:
    explicit server_stats_view(Next& next) noexcept : next_{next} {}

    /// All counters, or why the server cannot be asked.
    [[nodiscard]] lookup<server_counters> snapshot() const
    {
        lookup<server_counters> result;
        single_key const none{key_view{std::string_view{}}};
        detail::collect<server_counters> sink{&result};
        next_.run(make_request<op::server_stats>(none, sink));
        return result;
    }

    [[nodiscard]] lookup<std::uint64_t> hits() const { return one(&server_counters::hits); }
    [[nodiscard]] lookup<std::uint64_t> misses() const { return one(&server_counters::misses); }

    /// Hits among the keys that were asked for, from 0 to 1; 0 before the first, and not a number (NaN) if the server
    /// cannot be asked.
    [[nodiscard]] double hit_rate() const
    {
        auto const counted = snapshot();
        return counted ? counted->hit_rate() : std::numeric_limits<double>::quiet_NaN();
    }

private:
    [[nodiscard]] lookup<std::uint64_t> one(std::uint64_t server_counters::* counter) const
    {
        auto const counted = snapshot();
        if (counted) return (*counted).*counter;
        return counted.failed() ? lookup<std::uint64_t>{counted.reason()} : lookup<std::uint64_t>{};
    }

    Next& next_;
};

template <class Next> class ServerStats::on {
public:
    [[nodiscard]] static server_stats_view<Next> over(Next& next) noexcept { return server_stats_view<Next>{next}; }
};

} // namespace strata
