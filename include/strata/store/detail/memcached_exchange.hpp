#pragma once

#include <strata/store/detail/memcached_batch.hpp>
#include <strata/store/detail/memcached_cluster.hpp>
#include <strata/store/detail/memcached_company.hpp>
#include <strata/store/detail/memcached_key.hpp>
#include <strata/store/detail/memcached_operation.hpp>

#include <boost/config.hpp>

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <concepts>
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
            batch<R>{servers_, bounds_, flags_, r, expiry}.run();
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

    template <class R> void one(R const& r, std::uint32_t expiry, std::string_view value)
    {
        using operation = typename R::operation;
        if (value.size() > bounds_.max_value_bytes) return r.sink.fail(0, errc::too_large);
        memcached_key const key{r.keys[0]};
        server& where = servers_[servers_.of(key.view())];
        auto now = std::chrono::steady_clock::now();
        auto const deadline = now + bounds_.timeout;
        bool all_time = true;
        if constexpr (std::same_as<operation, op::get>) {
            if (BOOST_UNLIKELY(where.readers().gathers())) {
                if (get_together(r, where, key.view(), deadline)) return;
                now = std::chrono::steady_clock::now();
                if (now >= deadline) return r.sink.fail(0, errc::timed_out);
                all_time = false;
            }
        }
        lease c;
        if (auto const failed = where.acquire(c, now, deadline)) return r.sink.fail(0, *failed);
        if (!all_time) c->count_time();

        constexpr opcode code = code_of<operation>(false);
        std::uint32_t const number = c->number();
        extras<operation> const beside{expiry, flags_};
        append_request(c->out(), {code, number, cas_of<operation>}, beside.view(), key.view(), value.size());
        if (value.size() <= longest_copied) append_value(c->out(), std::exchange(value, {}));

        auto const on_reply = [&](reply const& x) {
            if (x.opaque != number || x.operation != code) return next::protocol_error;
            if (keeps_connection(x.status)) c.keep();
            report<operation>(r.sink, 0, x, flags_);
            return next::end;
        };
        auto failed = c->converse(binary_replies{}, deadline, value, until::end, on_reply);
        if (failed && may_repeat<operation>(c, *failed)) {
            lease fresh;
            failed = where.acquire_new(fresh, protocol::binary, deadline);
            if (!failed) {
                fresh->begin_again(*c);
                c = std::move(fresh);
                failed = c->converse(binary_replies{}, deadline, value, until::end, on_reply);
            }
        }
        if (!failed) return;
        if (failed->code() == errc::timed_out && c) failed = where.did_not_answer(c);
        r.sink.fail(0, *failed);
    }

    /// Gets a value with other threads. False: that has failed, and is to be tried alone if there is time for it.
    template <class R>
    [[nodiscard]] BOOST_NOINLINE bool get_together(R const& r, server& where, std::string_view key,
                                                   steady_time deadline)
    {
        company& all = where.together();
        member me{key, deadline};
        switch (all.join(me)) {
        case place::leads: break;
        case place::answered: report<op::get>(r.sink, 0, me.kept(), flags_); return true;
        case place::alone: return false;
        default: r.sink.fail(0, errc::timed_out); return true;
        }

        company::lead lead{all};
        if (where.readers().grows()) ::sched_yield(); // others are about to ask too
        auto const now = std::chrono::steady_clock::now();
        if (now >= deadline) return false;
        lease c;
        if (!where.acquire_made(c, now, deadline)) return false; // nobody waits while one is made
        lead.gather();
        if (lead.size() > 0) c->look_first();
        auto const number = [first = c->number(lead.size() + 1)](std::size_t m) {
            return first + static_cast<std::uint32_t>(m);
        };
        auto earliest = deadline;
        for (std::size_t m = 0; m < lead.size(); ++m) {
            append_request(c->out(), {opcode::get, number(m)}, {}, lead[m].key, 0);
            earliest = std::min(earliest, lead[m].deadline);
        }
        append_request(c->out(), {opcode::get, number(lead.size())}, {}, key, 0);
        if (now + bounds_.timeout - earliest > std::chrono::milliseconds{1}) c->count_time();

        bool keep = true;
        std::size_t bytes = 0;
        auto const failed = c->converse(binary_replies{}, earliest, {}, until::end, [&](reply const& x) {
            if (x.opaque != number(lead.answered()) || x.operation != opcode::get) return next::protocol_error;
            keep = keep && keeps_connection(x.status);
            bytes += x.value.size();
            if (lead.answered() < lead.size()) {
                lead.answer(x);
                return next::reply;
            }
            if (keep) c.keep();
            where.readers().count(lead.size() + 1, bytes);
            lead.end(); // nobody waits for what the sink does
            report<op::get>(r.sink, 0, x, flags_);
            return next::end;
        });
        if (!failed) return true;
        if (failed->code() == errc::timed_out && std::chrono::steady_clock::now() >= deadline) {
            r.sink.fail(0, where.did_not_answer(c));
            return true;
        }
        return false;
    }

    /// Sends a request without a key to all servers, one after the other.
    template <class OnReply> [[nodiscard]] std::optional<failure> on_each(opcode code, OnReply&& on_reply)
    {
        auto const now = std::chrono::steady_clock::now();
        auto const deadline = now + bounds_.timeout;
        for (std::size_t s = 0; s < servers_.size(); ++s) {
            lease c;
            if (auto failed = servers_[s].acquire(c, now, deadline)) return failed;
            c->count_time();
            std::uint32_t const number = c->number();
            append_request(c->out(), {code, number}, {}, {}, 0);
            std::optional<failure> refused;
            auto failed = c->converse(binary_replies{}, deadline, {}, until::end, [&](reply const& x) {
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
