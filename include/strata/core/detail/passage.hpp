#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/scratch.hpp>

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// How a request passes a layer: the hooks put to work on its keys, its source and its sink.
namespace strata {

namespace detail {

/// Keys with a prefix in front, made anew whenever they are asked for.
template <class Keys, class Prefix> struct prefixed_keys {
    Keys const& keys;
    Prefix prefix;

    [[nodiscard]] constexpr std::size_t size() const noexcept
        requires(!single<Keys>)
    {
        return keys.size();
    }
    [[nodiscard]] static constexpr std::size_t size() noexcept
        requires single<Keys>
    {
        return 1;
    }
    [[nodiscard]] constexpr auto operator[](std::size_t i) const noexcept { return keys[i].prepend(prefix); }
};

/// Keys that a layer made, kept for the life of the request.
template <class Made, class Keys> class made_keys {
public:
    template <class L> made_keys(L& layer, Keys const& keys)
    {
        if constexpr (single<Keys>) {
            made_.emplace_back(layer.key(keys[0]));
        } else {
            made_.reserve(keys.size());
            for (std::size_t i = 0; i < keys.size(); ++i) made_.emplace_back(layer.key(keys[i]));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept
        requires(!single<Keys>)
    {
        return made_.size();
    }
    [[nodiscard]] static constexpr std::size_t size() noexcept
        requires single<Keys>
    {
        return 1;
    }
    [[nodiscard]] auto operator[](std::size_t i) const noexcept { return key_view{std::string_view{made_[i]}}; }
    [[nodiscard]] Made const& made(std::size_t i) const noexcept { return made_[i]; }

private:
    boost::container::small_vector<Made, 1> made_;
};

template <class L, class Operation, class Sink> struct observing_sink {
    using wants = typename Sink::wants;

    L& layer;
    Sink& above;

    template <class... Value> void hit(std::size_t i, Value&&... value)
    {
        layer.observe(Operation{}, strata::hit);
        above.hit(i, std::forward<Value>(value)...);
    }
    void miss(std::size_t i)
    {
        layer.observe(Operation{}, strata::miss);
        above.miss(i);
    }
    void fail(std::size_t i, failure const& reason)
    {
        layer.observe(Operation{}, reason);
        above.fail(i, reason);
    }
};

template <class L, class Keys, class Sink> struct decoding_sink {
    using wants = bytes;

    L& layer;
    Keys const& keys;
    Sink& above;

    void hit(std::size_t i, std::string_view in)
    {
        if constexpr (formats<L>) {
            auto found = layer.template decode<typename Sink::wants>(in);
            if (found.hit()) return above.hit(i, *std::move(found));
            report(i, found);
        } else {
            scratch<buffer_of_t<L>> out;
            lookup<void> const found = decoded(i, in, *out);
            if (found.hit()) return above.hit(i, out.view());
            report(i, found);
        }
    }
    void miss(std::size_t i) { above.miss(i); }
    void fail(std::size_t i, failure const& reason) { above.fail(i, reason); }

private:
    lookup<void> decoded(std::size_t i, std::string_view in, buffer_of_t<L>& out)
    {
        if constexpr (opens<L>) {
            return layer.open(keys.made(i), in, out);
        } else {
            return layer.decode(in, out);
        }
    }

    void report(std::size_t i, auto const& found)
    {
        if (found.miss()) return above.miss(i);
        above.fail(i, found.reason());
    }
};

template <class L, class Keys, class Source, class Sink> struct encoding_source {
    L& layer;
    Keys const& keys;
    lifetime ttl;
    Source& above;
    Sink& sink;

    template <class Take> void operator()(std::size_t i, Take&& take)
    {
        above(i, [&](auto const& value) {
            scratch<buffer_of_t<L>> out;
            if (status const done = encoded(i, value, *out)) {
                take(out.view());
            } else {
                sink.fail(i, done.reason());
            }
        });
    }

private:
    status encoded(std::size_t i, auto const& value, buffer_of_t<L>& out)
    {
        if constexpr (seals<L>) {
            return layer.seal(keys.made(i), ttl, value, out);
        } else {
            return layer.encode(value, out);
        }
    }
};

/// The keys of `r` as they are below the layer.
template <class L, class R> decltype(auto) keys_below(L& layer, R const& r)
{
    using keys_type = typename R::keys_type;
    if constexpr (scoped<typename R::operation>) {
        if constexpr (prefixes<L>) {
            return scope{r.keys.prefix.prepend(layer.prefix()), r.keys.exact};
        } else if constexpr (rekeys<L>) {
            bool const everything = r.keys.exact && r.keys.prefix.size() == 0;
            return scope{key_view<>{std::tuple{}}, everything};
        } else {
            return (r.keys);
        }
    } else if constexpr (prefixes<L>) {
        return prefixed_keys<keys_type, decltype(layer.prefix())>{r.keys, layer.prefix()};
    } else if constexpr (rekeys<L>) {
        return made_keys<decltype(layer.key(r.keys[0])), keys_type>{layer, r.keys};
    } else {
        return (r.keys);
    }
}

/// Sends `r` through the hooks of a layer that has one for each part of it.
template <class L, class Next, class R> void pass_hooks(L& layer, Next& next, R const& r)
{
    using operation = typename R::operation;
    auto&& keys = keys_below(layer, r);
    using keys_type = std::remove_cvref_t<decltype(keys)>;

    auto const send = [&](auto& sink, auto& source) {
        next.run(request<operation, keys_type, std::remove_reference_t<decltype(sink)>,
                         std::remove_reference_t<decltype(source)>>{keys, sink, source, r.ttl});
    };
    auto const with_sink = [&](auto& sink) {
        using sink_type = std::remove_reference_t<decltype(sink)>;
        if constexpr (operation::template has<part::values_down> && changes<L, aspect::value>) {
            encoding_source<L, keys_type, typename R::source_type, sink_type> source{
                layer, keys, r.ttl.or_else(next.default_lifetime()), r.source, sink};
            send(sink, source);
        } else if constexpr (operation::template has<part::values_up> && changes<L, aspect::value>) {
            decoding_sink<L, keys_type, sink_type> decoding{layer, keys, sink};
            send(decoding, r.source);
        } else {
            send(sink, r.source);
        }
    };

    if constexpr (observes<L>) {
        observing_sink<L, operation, typename R::sink_type> sink{layer, r.sink};
        with_sink(sink);
    } else {
        with_sink(r.sink);
    }
}

} // namespace detail

template <class L, class Next, class R> void pass(L& layer, Next& next, R const& r)
{
    using operation = typename R::operation;
    if constexpr (!lets_pass<L, operation>) {
        static_assert(lets_pass<L, operation>,
                      "strata: this layer changes keys, values or lifetimes, and has no hook for all that this "
                      "operation carries of them; give it the hook, or a `run` for the operation");
    } else {
        detail::pass_hooks(layer, next, r);
    }
}

} // namespace strata
