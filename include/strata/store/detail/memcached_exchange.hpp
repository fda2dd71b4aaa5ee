#pragma once

#include <strata/store/detail/memcached_cluster.hpp>
#include <strata/store/detail/memcached_key.hpp>
#include <strata/store/detail/memcached_operation.hpp>

#include <boost/container/small_vector.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::detail::memcached {

/// Carries requests of a stack to the servers and outcomes back. Safe from many threads.
class exchange {
public:
    /// `flags` are written with each value, and, unless they are 0, demanded of those that are read.
    exchange(std::vector<std::string> const& servers, limits const& bounds, std::uint32_t flags)
        : bounds_{bounds}, flags_{flags}, servers_{servers, bounds}
    {
    }

    /// Any operation on keys. `expiry` is for those that have one.
    template <class R> void run(R const& r, std::uint32_t expiry)
    {
        using operation = typename R::operation;
        if constexpr (!single<typename R::keys_type>) {
            batch<R>{*this, r, expiry}.run();
        } else if constexpr (has_value<operation>) {
            r.source(0, [&](auto const& value) { one(r, expiry, std::string_view{value}); });
        } else {
            one(r, expiry, {});
        }
    }

    /// Makes all entries of all servers invalid.
    [[nodiscard]] std::optional<failure> flush()
    {
        return on_each(opcode::flush, [](reply const&) { return next::end; });
    }

    /// Calls `take(name, number)` with the numbers that each server counts.
    template <class Take> [[nodiscard]] std::optional<failure> count(Take&& take)
    {
        return on_each(opcode::stat, [&](reply const& x) {
            if (x.key.empty()) return next::end;
            std::uint64_t number = 0;
            auto const* const last = x.value.data() + x.value.size();
            auto const [end, error] = std::from_chars(x.value.data(), last, number);
            if (error == std::errc{} && end == last) take(x.key, number);
            return next::reply;
        });
    }

private:
    /// A longer value is sent from where it lies.
    static constexpr std::size_t longest_copied = 4096;

    /// Whether a request that failed may be sent again: the connection had gone stale before it.
    template <class Op>
    [[nodiscard]] static bool may_repeat(server::lease const& c, failure const& reason) noexcept
    {
        return c && c.used_before() && reason.code() == errc::unavailable && !c->has_received() &&
               (reads<Op> || !c->has_sent());
    }

    template <class R> void one(R const& r, std::uint32_t expiry, std::string_view value)
    {
        using operation = typename R::operation;
        if (value.size() > bounds_.max_value_bytes) return r.sink.fail(0, errc::too_large);
        memcached_key const key{r.keys[0]};
        server& where = servers_[servers_.of(key.view())];
        auto const now = std::chrono::steady_clock::now();
        auto const deadline = now + bounds_.timeout;
        server::lease c;
        if (auto const failed = where.acquire(c, now, deadline)) return r.sink.fail(0, *failed);

        constexpr opcode code = code_of<operation>(false);
        std::uint32_t const number = c->number();
        append_request(c->out(), {code, number, cas_of<operation>}, extras<operation>{expiry, flags_}.view(), key.view(),
                       value.size());
        if (value.size() <= longest_copied) append_value(c->out(), std::exchange(value, {}));

        auto const on_reply = [&](reply const& x) {
            if (x.opaque != number || x.operation != code) return next::protocol_error;
            if (keeps_connection(x.status)) c.keep();
            report<operation>(r.sink, 0, x, flags_);
            return next::end;
        };
        auto failed = c->converse(deadline, value, false, on_reply);
        if (failed && may_repeat<operation>(c, *failed)) {
            server::lease fresh;
            failed = where.acquire_new(fresh, deadline);
            if (!failed) {
                fresh->begin_again(*c);
                c = std::move(fresh);
                failed = c->converse(deadline, value, false, on_reply);
            }
        }
        if (!failed) return;
        if (failed->code() == errc::timed_out && c) where.did_not_answer();
        r.sink.fail(0, *failed);
    }

    /// The requests of a batch that go to one server, and how far their replies have come.
    struct flight {
        server::lease connection;
        std::vector<std::size_t> members; // of the batch, in the order of their requests
        std::size_t asked = 0;            // so many of them have a request
        std::size_t answered = 0;
        std::uint32_t first = 0; // the number of the first request; those of the others follow
        bool complete = false;   // the request that ends the others is there too
        bool keep = true;
        std::optional<failure> failed;
    };

    /// Many keys: requests to all servers first, then the replies of all. The last request to each is one that does
    /// nothing; its reply ends the others. Replies come in the order of their requests, so that each says what became
    /// of all before it.
    template <class R> class batch {
        using operation = typename R::operation;
        static constexpr bool quiet = can_be_quiet<operation>;
        static constexpr opcode code = code_of<operation>(quiet);
        static constexpr std::size_t much = std::size_t{256} << 10;

    public:
        batch(exchange& in, R const& r, std::uint32_t expiry)
            : in_{in}
            , r_{r}
            , extras_{expiry, in.flags_}
            , now_{std::chrono::steady_clock::now()}
            , deadline_{now_ + in.bounds_.timeout}
            , flights_(in.servers_.size())
        {
        }

        void run()
        {
            assign();
            for (std::size_t s = 0; s < flights_.size(); ++s) {
                if (!flights_[s].members.empty()) send(flights_[s], in_.servers_[s]);
            }
            for (std::size_t s = 0; s < flights_.size(); ++s) {
                if (!flights_[s].members.empty()) receive(flights_[s], in_.servers_[s]);
            }
        }

    private:
        void assign()
        {
            if (flights_.size() == 1) flights_[0].members.reserve(r_.keys.size());
            for (std::size_t i = 0; i < r_.keys.size(); ++i) {
                std::size_t const s = flights_.size() == 1 ? 0 : in_.servers_.of(memcached_key{r_.keys[i]}.view());
                flights_[s].members.push_back(i);
            }
        }

        void send(flight& f, server& where)
        {
            f.failed = where.acquire(f.connection, now_, deadline_);
            if (f.failed) return;
            if (has_value<operation> || flights_.size() > 1) f.connection->count_time();
            f.first = f.connection->number(f.members.size() + 1);
            for (std::size_t m = 0; m < f.members.size(); ++m) {
                ask(f, f.members[m]);
                if (f.failed) {
                    auto const begin = f.members.begin();
                    f.members.erase(begin + to_difference(f.asked), begin + to_difference(m + 1));
                    return;
                }
            }
            f.members.resize(f.asked);
            append_request(f.connection->out(), {opcode::noop, number(f, f.asked)}, {}, {}, 0);
            f.complete = true;
            f.failed = converse(f, true);
        }

        /// Appends the request for key `i`, unless its source reports that it has no value.
        void ask(flight& f, std::size_t i)
        {
            if constexpr (has_value<operation>) {
                r_.source(i, [&](auto const& value) {
                    std::string_view const bytes{value};
                    if (bytes.size() > in_.bounds_.max_value_bytes) return r_.sink.fail(i, errc::too_large);
                    append(f, i, bytes);
                });
                if (f.connection->out().size() > much) hurry(f);
            } else {
                append(f, i, {});
            }
        }

        void receive(flight& f, server& where)
        {
            if (!f.failed) f.failed = converse(f, false);
            if (f.failed && f.complete && may_repeat<operation>(f.connection, *f.failed)) {
                server::lease fresh;
                f.failed = where.acquire_new(fresh, deadline_);
                if (!f.failed) {
                    fresh->begin_again(*f.connection);
                    f.connection = std::move(fresh);
                    f.failed = converse(f, false);
                }
            }
            if (!f.failed) return;
            if (f.failed->code() == errc::timed_out && f.connection) where.did_not_answer();
            while (f.answered < f.members.size()) r_.sink.fail(f.members[f.answered++], *f.failed);
        }

        [[nodiscard]] static std::ptrdiff_t to_difference(std::size_t n) noexcept
        {
            return static_cast<std::ptrdiff_t>(n);
        }

        [[nodiscard]] static std::uint32_t number(flight const& f, std::size_t m) noexcept
        {
            return f.first + static_cast<std::uint32_t>(m);
        }

        void append(flight& f, std::size_t i, std::string_view value)
        {
            memcached_key const key{r_.keys[i]};
            send_buffer& out = f.connection->out();
            append_request(out, {code, number(f, f.asked), cas_of<operation>}, extras_.view(), key.view(),
                           value.size());
            append_value(out, value);
            f.members[f.asked++] = i;
        }

        /// Sends what there is already, so that not all values of a batch have to be held.
        void hurry(flight& f)
        {
            f.failed = converse(f, true);
            if (!f.failed) f.connection->forget_sent();
        }

        [[nodiscard]] std::optional<failure> converse(flight& f, bool until_sent)
        {
            return f.connection->converse(deadline_, {}, until_sent, [&](reply const& x) { return take(f, x); });
        }

        [[nodiscard]] next take(flight& f, reply const& x)
        {
            std::size_t const m = x.opaque - f.first;
            bool const last = m == f.asked;
            if (m < f.answered || m > f.asked || (last && !f.complete)) return next::protocol_error;
            if (x.operation != (last ? opcode::noop : code)) return next::protocol_error;
            if (!quiet && m != f.answered) return next::protocol_error;
            while (f.answered < m) report_silence<operation>(r_.sink, f.members[f.answered++]);
            f.keep = f.keep && keeps_connection(x.status);
            if (last) {
                if (f.keep) f.connection.keep();
                return next::end;
            }
            ++f.answered;
            report<operation>(r_.sink, f.members[m], x, in_.flags_);
            return next::reply;
        }

        exchange& in_;
        R const& r_;
        extras<operation> extras_;
        steady_time now_;
        steady_time deadline_;
        boost::container::small_vector<flight, 1> flights_;
    };

    /// Sends a request without a key to all servers, one after the other.
    template <class OnReply> [[nodiscard]] std::optional<failure> on_each(opcode code, OnReply&& on_reply)
    {
        auto const now = std::chrono::steady_clock::now();
        auto const deadline = now + bounds_.timeout;
        for (std::size_t s = 0; s < servers_.size(); ++s) {
            server::lease c;
            if (auto failed = servers_[s].acquire(c, now, deadline)) return failed;
            c->count_time();
            std::uint32_t const number = c->number();
            append_request(c->out(), {code, number}, {}, {}, 0);
            std::optional<failure> refused;
            auto failed = c->converse(deadline, {}, false, [&](reply const& x) {
                if (x.opaque != number || x.operation != code) return next::protocol_error;
                if (x.status != reply_status::done) {
                    refused = to_failure(x);
                    return next::end;
                }
                next const then = on_reply(x);
                if (then == next::end) c.keep();
                return then;
            });
            if (failed || refused) return failed ? failed : refused;
        }
        return {};
    }

    limits bounds_;
    std::uint32_t flags_;
    cluster servers_;
};

} // namespace strata::detail::memcached
