#pragma once

#include <strata/core/request.hpp>
#include <strata/core/scratch.hpp>
#include <strata/store/detail/redis_counters.hpp>
#include <strata/store/detail/redis_lines.hpp>
#include <strata/store/detail/redis_replies.hpp>
#include <strata/store/detail/redis_request.hpp>
#include <strata/store/detail/redis_scan.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace strata {

/// Entries in a Redis server, over hiredis. A store of bytes; keys and values may hold any bytes.
///
/// Safe from many threads. A server that is down fails the operations and nothing else: connections are made when they
/// are needed, and again after they broke. `get_many` is one MGET, `put_many` and `erase_many` are pipelined, each in
/// one round trip with an outcome for each key. A key that holds something other than a string is a miss in `get_many`,
/// as MGET has it; a value that is too large costs a connection and another round trip. Lifetimes are kept by the
/// server, to the millisecond.
///
/// Threads share connections: up to three at a time have one each, what more of them ask at the same time travels
/// together on the first one, eight gets or more as one MGET, and requests above 16 KiB go apart on the others. A child
/// process makes connections of its own. A `get` or another operation that changes nothing is repeated once if its
/// connection turns out to have been closed while it was idle; one that writes only if nothing of it was sent.
///
/// After `timed_out`, and after `unavailable` in the middle of an operation, a `put`, `add`, `erase` or `touch` may
/// have been done or not.
struct Redis {
    std::string host = "127.0.0.1"; ///< A name or an address.
    std::uint16_t port = 6379;      ///< For TCP.
    std::string path = {};     ///< Of a unix socket; takes the place of host and port.
    std::string user = {};     ///< Of the access control list of Redis 6; empty: the default user.
    std::string password = {}; ///< Empty: none.
    int database = 0;          ///< The number for SELECT.
    lifetime ttl = std::chrono::minutes{10}; ///< For entries that are put without one.
    std::chrono::milliseconds connect_timeout{1000}; ///< For connecting and logging in, within `timeout`.
    std::chrono::milliseconds timeout{1000}; ///< For a whole operation, with all waiting and connecting.
    std::size_t connections = 4; ///< At most so many; with 1, all requests wait for each other.
    std::string client_name = {};      ///< As CLIENT LIST shows it; empty: none.
    bool owns_database = false; ///< All of the database is this stack's: `clear` and `size` may mean all of it.
    std::size_t max_value_bytes = std::size_t{512} << 20; ///< Neither sent nor received beyond this: `too_large`.
#if STRATA_REDIS_TLS
    RedisTls tls = {}; ///< Only where the program is compiled with STRATA_REDIS_TLS=1 and linked with OpenSSL.
#endif
    std::chrono::milliseconds min_backoff{10};  ///< The pause after the first failure to connect; it doubles
    std::chrono::milliseconds max_backoff{1000}; ///< up to this one. Operations fail at once meanwhile.

    static constexpr fixed_string name{"Redis"};

    class store;
};

class Redis::store {
public:
    using key_type = bytes;
    using value_type = bytes;
    static constexpr bool concurrent = true;

    /// Throws `std::invalid_argument` for settings that cannot be; connects to nothing.
    explicit store(Redis policy)
        : ttl_{policy.ttl}, timeout_{policy.timeout}, owns_database_{policy.owns_database}
    {
        check(policy);
        detail::redis::endpoint server{.host = policy.host, .port = policy.port, .path = policy.path};
#if STRATA_REDIS_TLS
        server.tls = detail::redis::make_tls_context(policy.tls);
        server.server_name = policy.tls.server_name.empty() ? policy.host : policy.tls.server_name;
#endif
        lines_ = std::make_unique<detail::redis::lines>(
            detail::redis::connection_settings{std::move(server),
                                               policy.user,
                                               policy.password,
                                               policy.client_name,
                                               static_cast<unsigned>(policy.database),
                                               policy.connect_timeout,
                                               policy.timeout,
                                               policy.max_value_bytes},
            policy.connections, policy.min_backoff, policy.max_backoff);
    }

    [[nodiscard]] lifetime default_lifetime() const noexcept { return ttl_; }

    void run(asks<op::get> auto const& r)
    {
        if constexpr (single<typename std::remove_cvref_t<decltype(r)>::keys_type>) {
            detail::scratch<detail::redis::send_buffer> request;
            detail::redis::append_keyed<"GET">(*request, r.keys[0]);
            detail::redis::value_reply replies{r};
            send(request.view(), 1, replies, true);
        } else {
            get_batch(r);
        }
    }

    void run(asks<op::put> auto const& r) { set<false>(r); }
    void run(asks<op::add> auto const& r) { set<true>(r); }

    /// One UNLINK for each key, sent together: only so each key's own outcome is known, also of one that comes twice.
    void run(asks<op::erase> auto const& r)
    {
        ask_each(r, false, [](auto& request, auto const& key) { detail::redis::append_keyed<"UNLINK">(request, key); });
    }

    void run(asks<op::contains> auto const& r)
    {
        ask_each(r, true, [](auto& request, auto const& key) { detail::redis::append_keyed<"EXISTS">(request, key); });
    }

    void run(asks<op::touch> auto const& r)
    {
        std::uint64_t const ms = milliseconds(r.ttl);
        detail::scratch<detail::redis::send_buffer> request;
        detail::redis::reply_per_key replies{r};
        // PERSIST tells an entry that never expires from no entry as little as PEXPIRE 0 would.
        if (ms == 0) replies.expect_ignored();
        for (std::size_t i = 0; i < r.keys.size(); ++i) {
            auto const& key = r.keys[i];
            if (ms == 0) {
                detail::redis::append_keyed<"PERSIST">(*request, key);
                detail::redis::append_keyed<"EXISTS">(*request, key);
            } else {
                detail::redis::append_keyed_number<"PEXPIRE">(*request, key, ms);
            }
            replies.expect(i);
        }
        send(request.view(), replies.count(), replies, false);
    }

    /// By SCAN and UNLINK, in many small steps that do not stop the server; of what is put meanwhile some may stay.
    /// Where `timeout` is over before all has gone, the rest stays.
    void run(asks<op::clear> auto const& r)
    {
        detail::redis::deadline const until{timeout_};
        report(r, with_scope(r, [&](std::string_view prefix) -> status {
            if (!prefix.empty()) return detail::redis::remove_all(*lines_, prefix, until);
            auto const done = detail::redis::ask_number(*lines_, {"FLUSHDB", "ASYNC"}, false, until);
            return done.failed() ? status{done.reason()} : status{};
        }));
    }

    /// By SCAN: linear in the entries of the whole database, and remembers each key, as SCAN may show it twice.
    void run(asks<op::size> auto const& r)
    {
        detail::redis::deadline const until{timeout_};
        lookup<std::size_t> count;
        status const done = with_scope(r, [&](std::string_view prefix) -> status {
            count = prefix.empty() ? detail::redis::ask_number(*lines_, {"DBSIZE"}, true, until)
                                   : detail::redis::count_all(*lines_, prefix, until);
            return count.failed() ? status{count.reason()} : status{};
        });
        done ? r.sink.hit(0, *count) : r.sink.fail(0, done.reason());
    }

    /// `entries` are those of the database alone; the others are the whole server's.
    void run(asks<op::server_stats> auto const& r)
    {
        auto const counted = detail::redis::ask_counters(*lines_, detail::redis::deadline{timeout_});
        counted.hit() ? r.sink.hit(0, *counted) : r.sink.fail(0, counted.reason());
    }

private:
    /// Keys in one MGET: a server does nothing else while it answers one.
    static constexpr std::size_t mget_keys = 4096;

    static void check(Redis const& policy)
    {
        using namespace std::chrono_literals;
        auto const require = [](bool good, char const* text) {
            if (!good) throw std::invalid_argument{text};
        };
        auto const reasonable = [](std::chrono::milliseconds time) { return time > 0ms && time <= 240h; };
        require(!policy.path.empty() || !policy.host.empty(), "Redis.host: a host or a path must be given");
        require(policy.host.find('\0') == std::string::npos, "Redis.host: a name cannot hold a zero byte");
        require(policy.port != 0, "Redis.port: a port must not be 0");
        require(policy.path.size() < sizeof(sockaddr_un::sun_path), "Redis.path: too long for a unix socket");
        require(policy.path.find('\0') == std::string::npos, "Redis.path: a path cannot hold a zero byte");
        require(policy.database >= 0, "Redis.database: a number must not be negative");
        require(policy.ttl.valid() && !policy.ttl.is_default(), "Redis.ttl: a lifetime must be positive");
        require(reasonable(policy.connect_timeout),
                "Redis.connect_timeout: a time must be positive, and below 240 hours");
        require(reasonable(policy.timeout), "Redis.timeout: a time must be positive, and below 240 hours");
        require(policy.connections >= 1 && policy.connections <= 1024, "Redis.connections: must be from 1 to 1024");
        require(std::all_of(policy.client_name.begin(), policy.client_name.end(),
                            [](char c) { return c >= '!' && c <= '~'; }),
                "Redis.client_name: only printable ASCII characters without spaces");
        require(policy.max_value_bytes >= 1 && policy.max_value_bytes <= std::size_t{512} << 20,
                "Redis.max_value_bytes: must be from 1 to 512 MiB");
#if STRATA_REDIS_TLS
        require(!policy.tls.enabled || policy.path.empty(), "Redis.tls: not over a unix socket");
#endif
        require(reasonable(policy.min_backoff), "Redis.min_backoff: a time must be positive, and below 240 hours");
        require(reasonable(policy.max_backoff) && policy.max_backoff >= policy.min_backoff,
                "Redis.max_backoff: a time must not be below min_backoff, and below 240 hours");
    }

    /// What Redis is told: 0 for an entry that never expires, which is also one that lives longer than Redis can count.
    [[nodiscard]] std::uint64_t milliseconds(lifetime asked) const noexcept
    {
        asked = asked.or_else(ttl_);
        constexpr std::int64_t countable = std::int64_t{1} << 62;
        return asked.is_forever() || asked.count() > countable ? 0 : static_cast<std::uint64_t>(asked.count());
    }

    void send(std::string_view request, std::size_t replies, auto& handler, bool repeatable)
    {
        if (replies == 0) return;
        status const done = lines_->run({request, replies, handler.expected, repeatable, handler},
                                        detail::redis::deadline{timeout_});
        if (!done) handler.fail(done.reason());
    }

    /// A value that is too large ends its connection: what comes after it is asked for again.
    void get_batch(auto const& r)
    {
        detail::redis::deadline const until{timeout_};
        detail::redis::value_list_replies replies{r, mget_keys};
        detail::scratch<detail::redis::send_buffer> request;
        while (replies.answered() < r.keys.size()) {
            (*request).clear();
            std::size_t const count = append_gets(*request, r.keys, replies.answered());
            status const done = lines_->run({request.view(), count, replies.expected, true, replies}, until);
            if (done) return;
            // A server says `too_large` of a key, but not of which one.
            if (done.error() != errc::too_large || !replies.within_list()) return replies.fail(done.reason());
            replies.fail_next(done.reason());
        }
    }

    /// MGETs of the keys from the `first` one on; returns how many.
    static std::size_t append_gets(detail::redis::send_buffer& out, auto const& keys, std::size_t first)
    {
        std::size_t const count = keys.size() - first;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % mget_keys == 0) {
                detail::redis::append_count(out, 1 + std::min(mget_keys, count - i));
                detail::redis::append_argument(out, "MGET");
            }
            detail::redis::append_key_argument(out, keys[first + i]);
        }
        return (count + mget_keys - 1) / mget_keys;
    }

    template <bool OnlyNew> void set(auto const& r)
    {
        detail::redis::lifetime_arguments const lifetime{milliseconds(r.ttl)};
        std::size_t const most = lines_->settings().max_value_bytes;
        detail::scratch<detail::redis::send_buffer> request;
        detail::redis::reply_per_key replies{r};
        for (std::size_t i = 0; i < r.keys.size(); ++i) {
            r.source(i, [&](std::string_view value) {
                if (value.size() > most) return r.sink.fail(i, errc::too_large);
                detail::redis::append_set<OnlyNew>(*request, r.keys[i], value, lifetime);
                replies.expect(i);
            });
        }
        send(request.view(), replies.count(), replies, false);
    }

    void ask_each(auto const& r, bool repeatable, auto&& append)
    {
        detail::scratch<detail::redis::send_buffer> request;
        detail::redis::reply_per_key replies{r};
        for (std::size_t i = 0; i < r.keys.size(); ++i) {
            append(*request, r.keys[i]);
            replies.expect(i);
        }
        send(request.view(), replies.count(), replies, repeatable);
    }

    /// Calls `f` with the prefix of the stack's entries, or with an empty one for all of the database.
    status with_scope(auto const& r, auto&& f)
    {
        return r.keys.prefix.joined([&](std::string_view prefix) -> status {
            if (r.keys.exact && !prefix.empty()) return f(prefix);
            if (owns_database_) return f(std::string_view{});
            return errc::unsupported;
        });
    }

    static void report(auto const& r, status const& done)
    {
        done ? r.sink.hit(0) : r.sink.fail(0, done.reason());
    }

    lifetime ttl_;
    std::chrono::milliseconds timeout_;
    bool owns_database_;
    std::unique_ptr<detail::redis::lines> lines_;
};

} // namespace strata
