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

/// A `Client` for each thread of a match, all on one thing that `make` returns in a `std::shared_ptr`; for the next
/// match it is made anew, so that its connections are as old as those of the others.
template <class Client, class Make> [[nodiscard]] auto one_for_all(Make make)
{
    using shared = decltype(make());
    using weak = std::weak_ptr<typename shared::element_type>;
    return [make = std::move(make), current = std::make_shared<weak>()] {
        shared found = current->lock();
        if (!found) *current = found = make();
        return std::make_unique<Client>(std::move(found));
    };
}

/// One stack for all threads of a match.
template <class Make> [[nodiscard]] contestant one_stack_for_all(Make make)
{
    using cache = typename decltype(make())::element_type;
    return {"strata", one_for_all<composed<cache>>(std::move(make))};
}

} // namespace bench
