#pragma once

#include <strata/store/detail/memcached_cluster.hpp>
#include <strata/store/detail/memcached_key.hpp>
#include <strata/store/detail/memcached_operation.hpp>
#include <strata/store/detail/memcached_text.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::detail::memcached {

/// Whether a request that failed may be sent again: the connection had gone stale before it.
template <class Op> [[nodiscard]] bool may_repeat(lease const& c, failure const& reason) noexcept
{
    return c && c.used_before() && reason.code() == errc::unavailable && !c->has_received() &&
           (reads<Op> || !c->has_sent());
}

/// Many keys: requests to all servers first, then the replies of all.
///
/// In the binary protocol the last request to each is one that does nothing; its reply ends the others. Replies come in
/// the order of their requests, so that each says what became of all before it. Plain keys are got in the text
/// protocol, which costs the server less; so do replies there, and the last one says that it is.
template <class R> class batch {
    using operation = typename R::operation;
    static constexpr bool quiet = can_be_quiet<operation>;
    static constexpr bool has_text_form = std::same_as<operation, op::get>;
    static constexpr opcode code = code_of<operation>(quiet);
    static constexpr std::size_t much = std::size_t{256} << 10;

    /// With less there is little to be won. And a server that knows the binary protocol alone waits for a whole
    /// header before it finds that this is none.
    static constexpr std::size_t fewest_in_text = 10;
    static_assert(get_command.size() + 2 * fewest_in_text + line_end.size() >= header_size);

    /// What goes to one server, and how far its replies have come.
    struct flight {
        lease connection;
        std::vector<std::size_t> members; // of the batch, in the order of their requests
        std::size_t asked = 0;            // so many of them have a request
        std::size_t answered = 0;
        std::uint32_t first = 0; // the number of the first request; those of the others follow
        bool complete = false;   // the request that ends the others is there too
        bool ended = false;      // and its reply has come
        bool keep = true;
        std::optional<failure> failed;
        bool received = false; // and each member has its outcome
        bool renewed = false;  // it was tried to ask again, on another connection
        int doubt = 0;

        bool in_text = false;
        std::optional<failure> no_text; // why it is in binary and not in text
        text_replies replies;
        asked_keys keys; // those that no reply was about yet
        std::optional<failure> error; // as the server says it in text
    };

public:
    batch(cluster& servers, limits const& bounds, std::uint32_t flags, R const& r, std::uint32_t expiry)
        : servers_{servers}
        , bounds_{bounds}
        , flags_{flags}
        , r_{r}
        , extras_{expiry, flags}
        , begin_{std::chrono::steady_clock::now()}
        , now_{begin_}
        , deadline_{begin_ + bounds.timeout}
        , flights_(servers.size())
    {
    }

    void run()
    {
        assign();
        for (std::size_t const s : asked_) {
            if (!send_text(flights_[s], servers_[s])) send(flights_[s], servers_[s]);
        }
        if (several()) {
            receive_from_all();
        } else {
            for (std::size_t const s : asked_) receive(flights_[s], servers_[s]);
        }
    }

private:
    void assign()
    {
        if (flights_.size() == 1) flights_[0].members.reserve(r_.keys.size());
        for (std::size_t i = 0; i < r_.keys.size(); ++i) {
            std::size_t const s = flights_.size() == 1 ? 0 : servers_.of(memcached_key{r_.keys[i]}.view());
            flights_[s].members.push_back(i);
        }
        for (std::size_t s = 0; s < flights_.size(); ++s) {
            if (!flights_[s].members.empty()) asked_.push_back(s);
        }
        if (!several()) return;
        for (std::size_t const s : asked_) flights_[s].doubt = servers_[s].doubt();
        std::stable_sort(asked_.begin(), asked_.end(),
                         [&](std::size_t a, std::size_t b) { return flights_[a].doubt < flights_[b].doubt; });
    }

    /// With several servers none waits for another one.
    [[nodiscard]] bool several() const noexcept { return asked_.size() > 1; }

    /// Takes replies from whichever server sends some.
    void receive_from_all()
    {
        boost::container::small_vector<pollfd, 8> awaited;
        for (bool late = false;;) {
            awaited.clear();
            for (std::size_t const s : asked_) {
                flight& f = flights_[s];
                if (f.received) continue;
                if (!late && !f.failed && !f.ended) f.failed = converse(f, until::now);
                if (!late && renew(f, servers_[s])) f.failed = converse(f, until::now);
                if (f.failed && f.failed->code() == std::errc::operation_would_block) {
                    f.failed.reset();
                    awaited.push_back(f.connection->awaited());
                } else {
                    receive(f, servers_[s]);
                    f.received = true;
                }
            }
            if (awaited.empty()) return;
            waited_ = waited_ || std::chrono::steady_clock::now() < deadline_;
            late = !wait_for_any(awaited.data(), awaited.size(), deadline_);
        }
    }

    void send(flight& f, server& where)
    {
        if (f.no_text) now_ = std::chrono::steady_clock::now();
        f.failed = where.acquire(f.connection, now_, deadline_);
        if (f.failed) {
            if (f.no_text) f.failed = f.no_text;
            return;
        }
        prepare(f);
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
        send_out(f);
    }

    /// Asks for all members of `f` in text. False where it is not to be done so: then nothing was sent.
    [[nodiscard]] bool send_text(flight& f, server& where)
    {
        if (!has_text_form || f.members.size() < fewest_in_text) return false;
        if (!where.may_speak_text(now_)) return false;
        auto const key_at = [&](std::size_t m) { return r_.keys[f.members[m]]; };
        if (!is_plain(memcached_key{key_at(0)}.view())) return false; // as are all of a stack that hashes its keys
        f.no_text = where.acquire_text(f.connection, now_, deadline_);
        if (!f.connection) {
            f.connection = {};
            return false;
        }
        if (!append_get(f.connection->out(), f.members.size(), key_at)) {
            f.connection.keep();
            f.connection = {};
            return false;
        }
        prepare(f);
        f.in_text = true;
        f.complete = true;
        send_out(f);
        return true;
    }

    void prepare(flight& f)
    {
        bool const all_time = now_ == begin_ && !has_value<operation> && flights_.size() == 1;
        if (!all_time) f.connection->count_time();
        f.connection->be_patient();
    }

    /// Appends the request for key `i`, unless its source reports that it has no value.
    void ask(flight& f, std::size_t i)
    {
        if constexpr (has_value<operation>) {
            r_.source(i, [&](auto const& value) {
                std::string_view const bytes{value};
                if (bytes.size() > bounds_.max_value_bytes) return r_.sink.fail(i, errc::too_large);
                append(f, i, bytes);
            });
            if (f.connection->out().size() > much) hurry(f);
        } else {
            append(f, i, {});
        }
    }

    void receive(flight& f, server& where)
    {
        finish(f, where);
        if (f.in_text && lacks_text(f, where)) {
            flight other;
            other.members = std::move(f.members);
            other.no_text = std::move(f.failed);
            f.connection = {}; // it may be the one that is tried while others are refused
            f = std::move(other);
            send(f, where);
            finish(f, where);
        }
        if (!f.failed) {
            if (f.no_text) where.leave_text(now_);
            return;
        }
        bool const waited_for = waited_ || !several();
        if (f.failed->code() == errc::timed_out && f.connection && waited_for) {
            f.failed = where.did_not_answer(f.connection);
        }
        while (f.answered < f.members.size()) r_.sink.fail(f.members[f.answered++], *f.failed);
    }

    /// Takes the replies; if there is none because the connection had gone stale, those of another one.
    void finish(flight& f, server& where)
    {
        if (f.ended) return; // while requests were sent: the server has not waited for them
        if (!f.failed) f.failed = converse(f, until::end);
        if (renew(f, where)) f.failed = converse(f, until::end);
    }

    /// Takes another connection, with the requests still to be sent there, if that of `f` had gone stale.
    [[nodiscard]] bool renew(flight& f, server& where)
    {
        if (!f.failed || !f.complete || f.renewed || !may_repeat<operation>(f.connection, *f.failed)) return false;
        f.renewed = true;
        lease fresh;
        f.failed = where.acquire_new(fresh, f.connection->speaks(), deadline_);
        if (f.failed) return false;
        fresh->begin_again(*f.connection);
        f.connection = std::move(fresh);
        return true;
    }

    /// Whether `f`, which was in text, is to be asked in binary: the server says that it has no text, or it is not
    /// known to have it, and closed the connection or sent something else. If it says nothing there is no time left to
    /// ask it, and the next batches are in binary.
    [[nodiscard]] bool lacks_text(flight const& f, server& where) const
    {
        if (!f.failed) {
            where.speaks_text(true);
            return false;
        }
        if (f.failed->code() == errc::unsupported) return f.answered == 0;
        if (!f.connection || f.connection->has_received()) return false;
        bool const known = where.speaks_text();
        where.speaks_text(false); // until it does again: another server may stand there now
        if (f.failed->code() != errc::timed_out) return !known;
        if (!known) where.leave_text(now_);
        return false;
    }

    [[nodiscard]] static std::ptrdiff_t to_difference(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

    [[nodiscard]] static std::uint32_t number(flight const& f, std::size_t m) noexcept
    {
        return f.first + static_cast<std::uint32_t>(m);
    }

    void append(flight& f, std::size_t i, std::string_view value)
    {
        memcached_key const key{r_.keys[i]};
        send_buffer& out = f.connection->out();
        append_request(out, {code, number(f, f.asked), cas_of<operation>}, extras_.view(), key.view(), value.size());
        append_value(out, value);
        f.members[f.asked++] = i;
    }

    /// Sends what there is already, so that not all values of a batch have to be held.
    void hurry(flight& f)
    {
        send_out(f);
        if (!f.failed && f.connection->has_sent_all()) f.connection->forget_sent();
    }

    void send_out(flight& f) { f.failed = several() ? f.connection->push() : converse(f, until::sent); }

    [[nodiscard]] std::optional<failure> converse(flight& f, until goal)
    {
        if constexpr (has_text_form) {
            if (f.in_text) {
                auto failed = f.connection->converse(f.replies, deadline_, {}, goal,
                                                     [&](reply const& x) { return take_text(f, x); });
                return f.error ? f.error : failed;
            }
        }
        return f.connection->converse(binary_replies{}, deadline_, {}, goal,
                                      [&](reply const& x) { return take(f, x); });
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
            f.ended = true;
            if (f.keep) f.connection.keep();
            return next::end;
        }
        ++f.answered;
        report<operation>(r_.sink, f.members[m], x, flags_);
        return next::reply;
    }

    [[nodiscard]] next take_text(flight& f, reply const& x)
    {
        send_buffer const& request = f.connection->out();
        if (x.operation == opcode::get) {
            asked_keys ahead = f.keys;
            std::size_t m = f.answered;
            for (; !ahead.take(request, x.key); ++m) {
                if (!ahead.skip(request)) return next::protocol_error;
            }
            while (f.answered < m) report_silence<operation>(r_.sink, f.members[f.answered++]);
            f.keys = ahead;
            ++f.answered;
            report<operation>(r_.sink, f.members[m], x, flags_);
            return next::reply;
        }
        if (x.status != reply_status::done) {
            f.error = to_failure(x);
            return next::protocol_error;
        }
        while (f.keys.skip(request)) report_silence<operation>(r_.sink, f.members[f.answered++]);
        if (f.keys.next_line(request)) return next::reply;
        f.ended = true;
        f.connection.keep();
        return next::end;
    }

    cluster& servers_;
    limits const& bounds_;
    std::uint32_t flags_;
    R const& r_;
    extras<operation> extras_;
    steady_time begin_;
    steady_time now_;
    steady_time deadline_;
    boost::container::small_vector<flight, 1> flights_;
    boost::container::small_vector<std::size_t, 8> asked_; // the flights that have members, in the order of asking
    bool waited_ = false; // for several servers: else one that did not answer had no time to
};

} // namespace strata::detail::memcached
