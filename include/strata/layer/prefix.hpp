#pragma once

#include <strata/core/layer.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace strata {

/// Keys get a prefix that is set at run time, so that several applications or purposes share a store. It makes
/// `clear` and `size` possible there: they concern all keys that begin with the prefix, so none should begin with
/// another one. Costs no allocation; safe from many threads.
struct Prefix {
    std::string prefix;

    static constexpr fixed_string name{"Prefix"};

    template <class Next> class on {
    public:
        explicit on(Prefix policy) noexcept : prefix_{std::move(policy.prefix)} {}

        [[nodiscard]] piece prefix() const noexcept { return {prefix_}; }

    private:
        std::string prefix_;
    };
};

} // namespace strata
