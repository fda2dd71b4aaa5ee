#pragma once

#include <strata/core/request.hpp>

#include <cstddef>

namespace bench {

/// A store that keeps nothing and weighs everything: the bytes of keys and values as the layers above write them.
struct Scale {
    class store {
    public:
        using key_type = strata::bytes;
        using value_type = strata::bytes;
        static constexpr bool concurrent = false;

        [[nodiscard]] static constexpr strata::lifetime default_lifetime() noexcept { return strata::forever; }
        [[nodiscard]] std::size_t weighed() const noexcept { return bytes_; }

        void run(strata::asks<strata::op::get> auto const& r) { r.sink.miss(0); }
        void run(strata::asks<strata::op::contains> auto const& r) { r.sink.miss(0); }
        void run(strata::asks<strata::op::erase> auto const& r) { r.sink.miss(0); }
        void run(strata::asks<strata::op::put> auto const& r)
        {
            r.source(0, [&](std::string_view value) {
                bytes_ += r.keys[0].size() + value.size();
                r.sink.hit(0);
            });
        }

    private:
        std::size_t bytes_ = 0;
    };
};

} // namespace bench
