#pragma once

#include <strata/core/clock.hpp>
#include <strata/core/request.hpp>
#include <strata/core/value.hpp>
#include <strata/eviction/lru.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {

/// No lock and no atomic: for a stack that one thread uses, or one under a `Lock`.
struct OneThread {};

/// Entries in this process, bounded by number, with lifetimes.
///
/// With `Key` and `Value` of `std::string` it is a store of bytes like any other; else it takes its own types as they
/// are. An expired entry is never served; it is removed when it is met, or evicted in its turn. Lifetimes end to the
/// millisecond. All operations take constant time on average. Not safe from many threads: put a `Lock` over it.
template <class Key = std::string, class Value = std::string, class Eviction = Lru, class Threads = OneThread>
struct Memory {
    std::size_t max_entries = 0; ///< Evict beyond this number; 0: no bound.
    lifetime ttl = forever;      ///< For entries that are put without one.
    clock_function clock = {};   ///< Milliseconds; empty: the system's steady clock.

    static constexpr fixed_string name{"Memory"};

    class store;
};

template <class Key, class Value, class Eviction, class Threads> class Memory<Key, Value, Eviction, Threads>::store {
    template <class T> using kind = std::conditional_t<std::same_as<T, std::string>, bytes, T>;

public:
    using key_type = kind<Key>;
    using value_type = kind<Value>;
    static constexpr bool concurrent = false;

    explicit store(Memory policy) : policy_{std::move(policy)}, index_{0, hasher{&slots_}, equal{&slots_}}
    {
        if (!policy_.ttl.valid() || policy_.ttl.is_default()) {
            throw std::invalid_argument{"Memory.ttl: a lifetime must be positive"};
        }
    }
    store(store&& other) : store{std::move(other.policy_)} { *this = std::move(other); }
    store& operator=(store&& other)
    {
        policy_ = std::move(other.policy_);
        slots_ = std::exchange(other.slots_, {});
        free_ = std::exchange(other.free_, {});
        order_ = std::exchange(other.order_, {});
        index_.clear();
        for (std::uint32_t slot : other.index_) index_.insert(slot);
        other.index_.clear();
        return *this;
    }

    [[nodiscard]] lifetime default_lifetime() const noexcept { return policy_.ttl; }

    void run(asks<op::get> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) {
            auto const found = live(key);
            if (found == none) return r.sink.miss(i);
            order_.used(found);
            r.sink.hit(i, lent(slots_[found].value));
        });
    }
    void run(asks<op::contains> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) { live(key) == none ? r.sink.miss(i) : r.sink.hit(i); });
    }
    void run(asks<op::erase> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) {
            auto const found = live(key);
            if (found == none) return r.sink.miss(i);
            remove(found);
            r.sink.hit(i);
        });
    }
    void run(asks<op::touch> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) {
            auto const found = live(key);
            if (found == none) return r.sink.miss(i);
            slots_[found].deadline = deadline(r.ttl);
            r.sink.hit(i);
        });
    }
    void run(asks<op::put> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) {
            r.source(i, [&](auto&& value) {
                auto const found = live(key);
                if (found == none) {
                    insert(key, std::forward<decltype(value)>(value), r.ttl);
                } else {
                    slots_[found].value = Value(std::forward<decltype(value)>(value));
                    slots_[found].deadline = deadline(r.ttl);
                    order_.used(found);
                }
                r.sink.hit(i);
            });
        });
    }
    void run(asks<op::add> auto const& r)
    {
        each(r, [&](std::size_t i, auto const& key) {
            if (live(key) != none) return r.sink.fail(i, errc::exists);
            r.source(i, [&](auto&& value) {
                insert(key, std::forward<decltype(value)>(value), r.ttl);
                r.sink.hit(i);
            });
        });
    }
    void run(asks<op::clear> auto const& r)
    {
        index_.clear();
        slots_.clear();
        free_.clear();
        order_.clear();
        r.sink.hit(0);
    }
    void run(asks<op::size> auto const& r) { r.sink.hit(0, index_.size()); }

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::int64_t endless = std::numeric_limits<std::int64_t>::max();

    struct entry {
        Key key;
        Value value;
        std::int64_t deadline;
    };
    using slots = std::vector<entry>;
    using key_ref = std::conditional_t<std::same_as<Key, std::string>, std::string_view, Key>;

    struct hasher {
        using is_transparent = void;
        slots const* in;
        std::size_t operator()(std::uint32_t slot) const { return (*this)(key_ref((*in)[slot].key)); }
        std::size_t operator()(key_ref const& key) const { return boost::hash<key_ref>{}(key); }
    };
    struct equal {
        using is_transparent = void;
        slots const* in;
        bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
        bool operator()(key_ref const& a, std::uint32_t b) const { return a == (*in)[b].key; }
        bool operator()(std::uint32_t a, key_ref const& b) const { return (*in)[a].key == b; }
    };

    template <class R, class F> void each(R const& r, F&& f)
    {
        for (std::size_t i = 0; i < r.keys.size(); ++i) {
            if constexpr (std::same_as<key_type, bytes>) {
                r.keys[i].joined([&](std::string_view key) { f(i, key); });
            } else {
                f(i, r.keys[i]);
            }
        }
    }

    template <class V> static decltype(auto) lent(V const& value)
    {
        if constexpr (std::same_as<value_type, bytes>) {
            return std::string_view{value};
        } else {
            return (value);
        }
    }

    [[nodiscard]] std::int64_t now() const { return policy_.clock ? policy_.clock() : steady_milliseconds(); }

    [[nodiscard]] std::int64_t deadline(lifetime asked) const
    {
        asked = asked.or_else(policy_.ttl);
        if (asked.is_forever()) return endless;
        auto const at = now();
        return asked.count() > endless - at ? endless : at + asked.count();
    }

    [[nodiscard]] std::uint32_t live(key_ref const& key)
    {
        auto const found = index_.find(key);
        if (found == index_.end()) return none;
        auto const deadline = slots_[*found].deadline;
        if (deadline != endless && deadline <= now()) {
            remove(*found);
            return none;
        }
        return *found;
    }

    template <class V> void insert(key_ref const& key, V&& value, lifetime asked)
    {
        if (policy_.max_entries != 0 && index_.size() >= policy_.max_entries) remove(order_.victim());
        entry made{Key(key), Value(std::forward<V>(value)), deadline(asked)};
        std::uint32_t at;
        if (free_.empty()) {
            at = static_cast<std::uint32_t>(slots_.size());
            slots_.push_back(std::move(made));
        } else {
            at = free_.back();
            free_.pop_back();
            slots_[at] = std::move(made);
        }
        order_.inserted(at);
        index_.insert(at);
    }

    void remove(std::uint32_t at)
    {
        free_.push_back(at);
        order_.removed(at);
        index_.erase(at);
        slots_[at].value = Value{};
    }

    Memory policy_;
    slots slots_;
    std::vector<std::uint32_t> free_;
    typename Eviction::order order_;
    boost::unordered_flat_set<std::uint32_t, hasher, equal> index_;
};

} // namespace strata
