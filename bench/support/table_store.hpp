#pragma once

#include <strata/core/request.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace bench {

/// A hash map of strings, the least that a cache can stand on.
class table {
public:
    /// Null where there is nothing under `key`.
    [[nodiscard]] std::string const* find(std::string_view key) const
    {
        auto const at = map_.find(key);
        return at == map_.end() ? nullptr : &at->second;
    }

    void put(std::string_view key, std::string_view value)
    {
        if (auto const at = map_.find(key); at != map_.end()) {
            at->second.assign(value);
        } else {
            map_.emplace(key, value);
        }
    }

private:
    struct hasher {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    boost::unordered_flat_map<std::string, std::string, hasher, std::equal_to<>> map_;
};

/// `table` as a store.
struct Table {
    static constexpr strata::fixed_string name{"Table"};

    class store {
    public:
        using key_type = strata::bytes;
        using value_type = strata::bytes;
        static constexpr bool concurrent = false;

        [[nodiscard]] static constexpr strata::lifetime default_lifetime() noexcept { return strata::forever; }

        void run(strata::asks<strata::op::get> auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                r.keys[i].joined([&](std::string_view key) {
                    auto const* const value = table_.find(key);
                    value ? r.sink.hit(i, std::string_view{*value}) : r.sink.miss(i);
                });
            }
        }
        void run(strata::asks<strata::op::put> auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                r.source(i, [&](std::string_view value) {
                    r.keys[i].joined([&](std::string_view key) { table_.put(key, value); });
                    r.sink.hit(i);
                });
            }
        }

    private:
        table table_;
    };
};

} // namespace bench
