#pragma once

#include <strata/core/request.hpp>

namespace strata {

/// Holds nothing, for switching a cache off: each `get` misses, each `put` is done. Safe from many threads.
struct Null {
    static constexpr fixed_string name{"Null"};

    class store {
    public:
        using key_type = bytes;
        using value_type = bytes;
        static constexpr bool concurrent = true;

        [[nodiscard]] static constexpr lifetime default_lifetime() noexcept { return forever; }

        void run(asks<op::get> auto const& r) { miss_all(r); }
        void run(asks<op::erase> auto const& r) { miss_all(r); }
        void run(asks<op::contains> auto const& r) { miss_all(r); }
        void run(asks<op::touch> auto const& r) { miss_all(r); }
        void run(asks<op::put> auto const& r) { take_all(r); }
        void run(asks<op::add> auto const& r) { take_all(r); }
        void run(asks<op::clear> auto const& r) { r.sink.hit(0); }
        void run(asks<op::size> auto const& r) { r.sink.hit(0, std::size_t{0}); }

    private:
        static void miss_all(auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) r.sink.miss(i);
        }

        /// The values are made all the same: one that cannot be encoded fails here as it would anywhere.
        static void take_all(auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                r.source(i, [&](auto const&) { r.sink.hit(i); });
            }
        }
    };
};

} // namespace strata
