#pragma once

#include <strata/core/name.hpp>
#include <strata/core/request.hpp>
#include <strata/core/value.hpp>
#include <strata/store/detail/memcached_exchange.hpp>
#include <strata/store/server_counters.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// Entries in one or several memcached servers (1.4 or later). Safe from many threads.
///
/// **Keys** have any length and any bytes. One of 1 to 250 bytes that does not begin with a zero byte stands in the
/// server as it is; an empty one, or one that begins with a zero byte, gets a zero byte in front; a longer one becomes
/// the bytes 0 and 1 and its SHA-256. Among several servers, libmemcached's consistent hashing (ketama, weighted form)
/// decides which one has a key.
///
/// **Lifetimes** count in whole seconds, as memcached does: a fraction is rounded up, and as the server's clock ticks
/// once in a second, an entry may end up to a second early. Those over 30 days are sent as a time of this system's
/// clock.
///
/// **Flags** are a number beside each value by which some clients tell what it is (JsonSerde of CacheToolsUtils: 1
/// bytes, 2 text, 3 JSON). With the setting 0 values are read whatever flags they have.
///
/// **Failures.** `.timeout` bounds each operation as a whole, with looking up a host name, waiting for a connection,
/// connecting and retrying, also against a server that is stopped or sends byte by byte. A connection that fails is
/// never used again. A reading operation is tried again, once, if its connection had gone stale before it; a writing
/// one only if nothing was sent: after `timed_out`, or `unavailable` in the middle, it may have been done or not. While
/// a server cannot be reached, or after it did not answer in time, operations on its keys fail at once, but for the one
/// that tries it again after each pause. What a server says when it refuses is in `error_text()`. A child of `fork`
/// makes connections of its own.
///
/// **Batches** are one round trip to each server that has some of the keys, to all of them at the same time. The thread
/// looks for the replies for up to 0.1 ms before it sleeps, and ever more rarely where that is in vain.
///
/// **Many threads.** Threads have connections of their own while they are few. Where four or more use a server at the
/// same time, those that get single values go together: one of them sends the requests of all who wait, in one piece,
/// and hands each its reply. Each keeps its own deadline, and what fails for several is tried once more by each alone.
/// Values of more than 8 KiB go apart again.
///
/// **Protocol.** All goes in memcached's binary protocol, where no key can be taken for a command, but for large
/// `get_many`: that of ten keys or more for a server is asked in text, which costs the server half the time or less, if
/// none of them is longer than 250 bytes, is empty, or has a space or a control character in it. As a connection is for
/// one protocol, this takes one more, where `.connections` leaves room for it. A server that does not know text, or to
/// which no such connection can be made, is asked in binary, and in text again after a minute. One that was started
/// without the binary protocol (`-B ascii`) answers nothing else, so that operations on it end with `timed_out`, and
/// `error_text()` says why that may be.
///
/// `contains` moves no value and changes no lifetime. `clear` and `size` need `owns_servers`, as memcached cannot tell
/// entries apart. `clear` is `flush_all`: what was put before it is gone, and what is put after it stays; but a server
/// that runs without CAS (`-C`) goes by whole seconds. `size` counts as the server does: with entries that have expired
/// or were cleared, until it reuses their memory.
///
/// libmemcached reads replies into buffers of fixed size without looking at their length, has timeouts that start anew
/// with each byte, drops the server's error texts and keeps its sockets to itself. So it chooses servers here, and the
/// exchange with them is strata's own.
struct Memcached {
    std::vector<std::string> servers = {"127.0.0.1:11211"}; ///< "host:port", "[::1]:port", "host" or "/path.sock".
    lifetime ttl = std::chrono::minutes{10};             ///< For entries that are put without one.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds{1}; ///< For a connection to be made.
    std::chrono::milliseconds timeout = std::chrono::seconds{1}; ///< For an operation, whatever it has to do.
    std::size_t connections = 16;                        ///< At most so many to each server.
    std::size_t max_value_bytes = std::size_t{64} << 20; ///< A larger value is `too_large` both ways; up to 1 GiB.
    std::chrono::milliseconds min_backoff = std::chrono::milliseconds{10}; ///< The pause after a first failure.
    std::chrono::milliseconds max_backoff = std::chrono::seconds{1}; ///< The longest one: each is twice the one before.
    std::uint32_t flags = 0; ///< Written with each value; unless it is 0, a value with others is `corrupt`.
    bool owns_servers = false; ///< All that the servers hold is this stack's: allows `clear` (`flush_all`) and `size`.

    static constexpr fixed_string name{"Memcached"};

    class store;
};

class Memcached::store {
public:
    using key_type = bytes;
    using value_type = bytes;
    static constexpr bool concurrent = true;

    explicit store(Memcached const& policy)
        : ttl_{policy.ttl}
        , owns_servers_{policy.owns_servers}
        , exchange_{std::make_unique<detail::memcached::exchange>(policy.servers, checked(policy), policy.flags)}
    {
    }

    [[nodiscard]] lifetime default_lifetime() const noexcept { return ttl_; }

    void run(asks<op::get> auto const& r) { exchange_->run(r, 0); }
    void run(asks<op::contains> auto const& r) { exchange_->run(r, 0); }
    void run(asks<op::erase> auto const& r) { exchange_->run(r, 0); }
    void run(asks<op::touch> auto const& r) { exchange_->run(r, expiry(r.ttl)); }
    void run(asks<op::put> auto const& r) { exchange_->run(r, expiry(r.ttl)); }
    void run(asks<op::add> auto const& r) { exchange_->run(r, expiry(r.ttl)); }

    void run(asks<op::clear> auto const& r)
    {
        if (!owns_servers_) return r.sink.fail(0, errc::unsupported);
        if (auto const failed = exchange_->flush()) return r.sink.fail(0, *failed);
        r.sink.hit(0);
    }
    void run(asks<op::size> auto const& r)
    {
        if (!owns_servers_) return r.sink.fail(0, errc::unsupported);
        auto const counted = counters();
        if (counted.failed()) return r.sink.fail(0, counted.reason());
        r.sink.hit(0, static_cast<std::size_t>(counted->entries));
    }
    void run(asks<op::server_stats> auto const& r)
    {
        auto const counted = counters();
        if (counted.failed()) return r.sink.fail(0, counted.reason());
        r.sink.hit(0, *counted);
    }

private:
    static detail::memcached::limits checked(Memcached const& policy)
    {
        auto const require = [](bool fine, char const* otherwise) {
            if (!fine) throw std::invalid_argument{otherwise};
        };
        constexpr auto sensible = [](std::chrono::milliseconds time) {
            return time.count() > 0 && time <= std::chrono::hours{24};
        };
        require(policy.ttl.valid() && !policy.ttl.is_default(), "Memcached.ttl: a lifetime must be positive");
        require(sensible(policy.connect_timeout), "Memcached.connect_timeout: must be positive, and a day at most");
        require(sensible(policy.timeout), "Memcached.timeout: must be positive, and a day at most");
        require(policy.connections >= 1 && policy.connections <= 1024, "Memcached.connections: must be 1 to 1024");
        require(policy.max_value_bytes >= 1 && policy.max_value_bytes <= std::size_t{1} << 30,
                "Memcached.max_value_bytes: must be 1 to 1 GiB");
        require(sensible(policy.min_backoff), "Memcached.min_backoff: must be positive, and a day at most");
        require(sensible(policy.max_backoff) && policy.max_backoff >= policy.min_backoff,
                "Memcached.max_backoff: must not be below min_backoff, and a day at most");
        return {policy.connect_timeout, policy.timeout,     policy.connections, policy.max_value_bytes,
                policy.min_backoff,     policy.max_backoff};
    }

    /// A lifetime as memcached takes it: seconds from now, or, beyond 30 days, since 1970; 0: never.
    [[nodiscard]] std::uint32_t expiry(lifetime asked) const
    {
        using namespace std::chrono;
        constexpr std::int64_t longest_from_now = 30 * 24 * 60 * 60;
        asked = asked.or_else(ttl_);
        if (asked.is_forever()) return 0;
        std::int64_t const whole = asked.count() / 1000 + (asked.count() % 1000 != 0);
        if (whole <= longest_from_now) return static_cast<std::uint32_t>(whole);
        std::int64_t const at = whole + duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
        return at > UINT32_MAX ? 0 : static_cast<std::uint32_t>(at); // beyond the year 2106
    }

    [[nodiscard]] lookup<server_counters> counters()
    {
        server_counters sums;
        auto const failed = exchange_->count([&](std::string_view name, std::uint64_t number) {
            if (name == "get_hits") sums.hits += number;
            if (name == "get_misses") sums.misses += number;
            if (name == "curr_items") sums.entries += number;
            if (name == "bytes") sums.bytes += number;
        });
        if (failed) return *failed;
        return sums;
    }

    lifetime ttl_;
    bool owns_servers_;
    std::unique_ptr<detail::memcached::exchange> exchange_;
};

} // namespace strata
