#pragma once

#include <strata/core/layer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// A layer for the bottom of a stack: keeps what comes down last, and returns what a target has put in its place.
struct Hands {
    struct state {
        std::string put;                 ///< The last value that came down.
        std::optional<std::string> get;  ///< What comes up instead of what the store has.
    };
    std::shared_ptr<state> on_it = std::make_shared<state>();

    template <class Next> class on {
    public:
        explicit on(Hands policy) : on_it_{std::move(policy.on_it)} {}

        strata::status encode(std::string_view in, std::string& out) const
        {
            out = in;
            on_it_->put = in;
            return {};
        }
        strata::lookup<void> decode(std::string_view in, std::string& out) const
        {
            out = on_it_->get ? std::string_view{*on_it_->get} : in;
            return strata::hit;
        }

    private:
        std::shared_ptr<state> on_it_;
    };
};
