#pragma once

#include <strata/core/layer.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::detail {

/// Where the keys of a smaller request stand in the one that it is a part of.
using positions = boost::container::small_vector<std::size_t, 8>;

template <class Keys> struct some_keys {
    Keys const& keys;
    positions const& which;

    [[nodiscard]] std::size_t size() const noexcept { return which.size(); }
    [[nodiscard]] auto operator[](std::size_t i) const noexcept { return keys[which[i]]; }
};

template <class Source> struct some_source {
    Source& source;
    positions const& which;

    template <class Take> void operator()(std::size_t i, Take&& take) { source(which[i], std::forward<Take>(take)); }
};

/// A sink that hands each outcome, with its position in the whole request, to one of three functions.
template <class Hit, class Miss, class Fail> struct sorting_sink {
    using wants = bytes;

    positions const& which;
    Hit on_hit;
    Miss on_miss;
    Fail on_fail;

    template <class... Value> void hit(std::size_t i, Value&&... value)
    {
        on_hit(which[i], std::forward<Value>(value)...);
    }
    void miss(std::size_t i) { on_miss(which[i]); }
    void fail(std::size_t i, failure const& reason) { on_fail(which[i], reason); }
};
template <class Hit, class Miss, class Fail>
sorting_sink(positions const&, Hit, Miss, Fail) -> sorting_sink<Hit, Miss, Fail>;

/// The hooks of `Encrypt` under one of its secrets.
template <class Sealer> struct secret_hooks {
    using buffer = typename Sealer::buffer;

    Sealer& sealer;
    std::size_t secret;

    template <class... Pieces> [[nodiscard]] auto key(key_view<Pieces...> const& k) const
    {
        return sealer.address(secret, k);
    }
    template <class At> status seal(At const& at, lifetime ttl, std::string_view in, buffer& out) const
    {
        return sealer.seal(secret, at, ttl, in, out);
    }
    template <class At> lookup<void> open(At const& at, std::string_view in, buffer& out) const
    {
        return sealer.open(secret, at, in, out);
    }
};

/// Operations over the current secret and the retired ones. The stored key depends on the secret, so the entries of a
/// retired one lie under other stored keys: what is not found under the current secret is looked for under the retired
/// ones, newest first, one request for each; and what is written removes older entries before, so that none comes back
/// when the new one has gone.
template <class Sealer, class Next> class rotation {
public:
    rotation(Sealer& sealer, Next& next) noexcept : sealer_{sealer}, next_{next} {}

    void run(asks<op::get> auto const& r) { find(r); }
    void run(asks<op::contains> auto const& r) { find(r); }

    void run(asks<op::put> auto const& r)
    {
        positions which = all(r);
        for (std::size_t secret = 1; secret < sealer_.secrets(); ++secret) {
            positions removed;
            auto const done = [&](std::size_t i) { removed.push_back(i); };
            sorting_sink sink{which, done, done, [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
            ask<op::erase>(secret, r, which, sink);
            which = std::move(removed);
        }
        store(r, which);
    }

    void run(asks<op::add> auto const& r)
    {
        positions which = all(r);
        for (std::size_t secret = 1; secret < sealer_.secrets(); ++secret) {
            positions absent;
            sorting_sink sink{which, [&](std::size_t i) { r.sink.fail(i, errc::exists); },
                              [&](std::size_t i) { absent.push_back(i); },
                              [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
            ask<op::contains>(secret, r, which, sink);
            which = std::move(absent);
        }
        store(r, which);
    }

    void run(asks<op::erase> auto const& r)
    {
        positions which = all(r);
        std::vector<bool> found(r.keys.size());
        for (std::size_t secret = 0; secret < sealer_.secrets(); ++secret) {
            positions left;
            sorting_sink sink{which,
                              [&](std::size_t i) {
                                  found[i] = true;
                                  left.push_back(i);
                              },
                              [&](std::size_t i) { left.push_back(i); },
                              [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
            ask<op::erase>(secret, r, which, sink);
            which = std::move(left);
        }
        for (std::size_t const i : which) found[i] ? r.sink.hit(i) : r.sink.miss(i);
    }

    /// Reads and writes anew, because the lifetime is sealed with the value.
    void run(asks<op::touch> auto const& r)
    {
        std::vector<typename Sealer::buffer> values(r.keys.size());
        positions found;
        positions const everything = all(r);
        sorting_sink collecting{everything,
                                [&](std::size_t i, std::string_view value) {
                                    values[i].resize(value.size());
                                    std::copy(value.begin(), value.end(), values[i].begin());
                                    found.push_back(i);
                                },
                                [&](std::size_t i) { r.sink.miss(i); },
                                [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
        find(make_request<op::get>(r.keys, collecting));

        auto values_found = [&](std::size_t i, auto&& take) {
            auto const& value = values[found[i]];
            take(std::string_view{reinterpret_cast<char const*>(value.data()), value.size()});
        };
        sorting_sink storing{found, [&](std::size_t i) { r.sink.hit(i); }, [&](std::size_t i) { r.sink.miss(i); },
                             [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
        some_keys<typename std::remove_cvref_t<decltype(r)>::keys_type> const keys{r.keys, found};
        run(make_request<op::put>(keys, storing, values_found, r.ttl));
    }

private:
    [[nodiscard]] static positions all(auto const& r)
    {
        positions which(r.keys.size());
        std::iota(which.begin(), which.end(), std::size_t{0});
        return which;
    }

    /// Sends an operation without a value, for the keys of `r` at the positions `which`, under one secret.
    template <class Op> void ask(std::size_t secret, auto const& r, positions const& which, auto& sink)
    {
        if (which.empty()) return;
        some_keys<typename std::remove_cvref_t<decltype(r)>::keys_type> const keys{r.keys, which};
        secret_hooks<Sealer> hooks{sealer_, secret};
        pass(hooks, next_, make_request<Op>(keys, sink, r.ttl));
    }

    template <class R> void find(R const& r)
    {
        positions which = all(r);
        for (std::size_t secret = 0; secret < sealer_.secrets(); ++secret) {
            positions missed;
            sorting_sink sink{which,
                              [&](std::size_t i, auto&&... value) {
                                  r.sink.hit(i, std::forward<decltype(value)>(value)...);
                              },
                              [&](std::size_t i) { missed.push_back(i); },
                              [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
            ask<typename R::operation>(secret, r, which, sink);
            which = std::move(missed);
        }
        for (std::size_t const i : which) r.sink.miss(i);
    }

    /// Sends the `put` or `add` itself, under the current secret.
    template <class R> void store(R const& r, positions const& which)
    {
        if (which.empty()) return;
        some_keys<typename R::keys_type> const keys{r.keys, which};
        some_source<typename R::source_type> source{r.source, which};
        sorting_sink sink{which, [&](std::size_t i) { r.sink.hit(i); }, [&](std::size_t i) { r.sink.miss(i); },
                          [&](std::size_t i, failure const& why) { r.sink.fail(i, why); }};
        secret_hooks<Sealer> hooks{sealer_, 0};
        pass(hooks, next_, make_request<typename R::operation>(keys, sink, source, r.ttl));
    }

    Sealer& sealer_;
    Next& next_;
};

} // namespace strata::detail
