#pragma once

#include "client.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

/// A stack as one of several threads uses it.
template <class Cache> class composed : public client {
public:
    explicit composed(std::shared_ptr<Cache> cache) : cache_{std::move(cache)} {}

    void get(std::string const& key, std::string& out) override { cache_->get_to(key, out).value(); }
    void put(std::string const& key, std::string const& value) override { cache_->put(key, value).value(); }
    void get_many(keys const& all) override
    {
        for (auto const& found : cache_->get_many(all)) {
            if (!found) throw std::runtime_error{"a key was not found"};
        }
    }
    void put_many(entries const& all) override
    {
        for (auto const& done : cache_->put_many(all)) done.value();
    }

private:
    std::shared_ptr<Cache> cache_;
};

/// One stack for all threads of a match, as `make` returns it in a `std::shared_ptr`; for the next match it is made anew,
/// so that its connections are as old as those of the others.
template <class Make> [[nodiscard]] contestant one_stack_for_all(Make make)
{
    using shared = decltype(make());
    using cache = typename shared::element_type;
    return {"strata", [make = std::move(make), current = std::make_shared<std::weak_ptr<cache>>()] {
                shared found = current->lock();
                if (!found) *current = found = make();
                return std::make_unique<composed<cache>>(std::move(found));
            }};
}

} // namespace bench
