#pragma once

#include <strata/core/clock.hpp>
#include <strata/core/detail/inlined.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/store/detail/memory_expiry.hpp>
#include <strata/store/detail/memory_index.hpp>
#include <strata/store/detail/memory_nodes.hpp>
#include <strata/store/key_hash.hpp>
#include <strata/store/memory_types.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// What a table may hold; 0: no bound.
struct memory_bounds {
    std::size_t entries = 0;
    std::size_t bytes = 0;

    [[nodiscard]] bool hold(std::size_t with_entries, std::size_t with_bytes) const noexcept
    {
        return (entries == 0 || with_entries <= entries) && (bytes == 0 || with_bytes <= bytes);
    }
};

/// The entries of a `Memory`, or of one shard of it, put together from its parts: an index from hashes to slots, nodes at
/// slots, an order to evict by, and ends of lifetimes. For one thread at a time, but for `peek`.
template <class Policy> class memory_table {
public:
    using key_type = typename Policy::key;
    using nodes = memory_nodes<key_type, typename Policy::value>;
    using order = typename Policy::eviction::order;
    using key_ref = typename nodes::key_ref;
    using value_ref = typename nodes::value_ref;

    enum class put_result { stored, exists, too_large };

    memory_table(std::shared_ptr<Policy const> policy, hash_seed const& seed) : policy_{std::move(policy)}, seed_{seed} {}

    memory_table(memory_table&& other) noexcept
        : policy_{other.policy_}
        , seed_{other.seed_}
        , nodes_{std::move(other.nodes_)}
        , index_{std::move(other.index_)}
        , order_{std::exchange(other.order_, order{})}
        , expiry_{std::move(other.expiry_)}
        , spans_{std::move(other.spans_)}
        , weights_{std::move(other.weights_)}
        , counters_{std::exchange(other.counters_, {})}
    {
        other.forget_all();
    }
    memory_table& operator=(memory_table&& other) noexcept
    {
        destroy_all();
        policy_ = other.policy_;
        seed_ = other.seed_;
        nodes_ = std::move(other.nodes_);
        index_ = std::move(other.index_);
        order_ = std::exchange(other.order_, order{});
        expiry_ = std::move(other.expiry_);
        spans_ = std::move(other.spans_);
        weights_ = std::move(other.weights_);
        counters_ = std::exchange(other.counters_, {});
        other.forget_all();
        return *this;
    }
    ~memory_table() { destroy_all(); }

    /// How many entries will be here in the end, about or at most; 0 if that is not known.
    void expect(std::size_t entries, bool at_most) noexcept
    {
        nodes_.expect(entries);
        nodes_.limit(at_most ? entries : 0);
        index_.expect(at_most ? entries : 0);
    }

    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
    [[nodiscard]] std::size_t weight() const noexcept { return counters_.weight; }

    /// Lends the value to `f`, and counts that as a use. False: there is none.
    template <class F> BOOST_FORCEINLINE bool get(key_ref const& key, std::uint64_t hash, F&& f)
    {
        auto const [slot, place] = find(key, hash);
        if (slot == no_slot) return false;
        if (expiry_.any() && !lives_on(slot, hash)) [[unlikely]] return false;
        value_ref value = nodes::value(place); // before `used` writes: the compiler then knows the address still
        order_.used(slot, hash);
        f(value);
        return true;
    }

    /// The same where `guess` has said where the entry may be, and nothing was changed since but by calls of this.
    template <class F>
    BOOST_FORCEINLINE bool get_guessed(slot_number guessed, key_ref const& key, std::uint64_t hash, F&& f)
    {
        auto slot = guessed;
        decltype(nodes_.place(slot)) place{};
        bool right = false;
        if (slot != no_slot && !expiry_.any()) [[likely]] { // what has ended would go, and its place be another's
            place = nodes_.place(slot);
            right = nodes::has_key(place, key);
        }
        if (!right) [[unlikely]] {
            slot = living(key, hash);
            if (slot == no_slot) return false;
            place = nodes_.place(slot);
        }
        value_ref value = nodes::value(place);
        order_.used(slot, hash);
        f(value);
        return true;
    }

    /// The same for several threads at once, where `order::shared_hits`: what has ended is not served, but stays.
    template <class F> bool peek(key_ref const& key, std::uint64_t hash, F&& f)
    {
        auto const [slot, place] = find(key, hash);
        if (slot == no_slot) return false;
        if (expiry_.any() && !lives_meanwhile(slot)) [[unlikely]] return false;
        value_ref value = nodes::value(place); // before `used` writes: the compiler then knows the address still
        order_.used(slot, hash);
        f(value);
        return true;
    }

    [[nodiscard]] bool contains(key_ref const& key, std::uint64_t hash)
    {
        auto const slot = find(key, hash).slot;
        return slot != no_slot && !ended(slot);
    }

    bool erase(key_ref const& key, std::uint64_t hash)
    {
        auto const slot = slot_of(key, hash);
        if (slot == no_slot || !still_lives(slot, hash)) return false;
        remove(slot, hash, removal::erased);
        return true;
    }

    bool touch(key_ref const& key, std::uint64_t hash, lifetime ttl)
    {
        auto const slot = slot_of(key, hash);
        if (slot == no_slot || !still_lives(slot, hash)) return false;
        ttl = ttl.or_else(policy_->ttl);
        reserve_end(ttl);
        set_end(slot, ttl);
        return true;
    }

    /// Stores an entry. `total` bounds what it may weigh, `here` what this table may hold: others go for it before.
    template <class V>
    put_result put(key_ref const& key, std::uint64_t hash, V&& value, lifetime asked, bool replace,
                   memory_bounds const& total, memory_bounds const& here)
    {
        auto const size = nodes::size_of(key, value);
        if (size > nodes::max_bytes) return put_result::too_large;
        auto const weight = total.bytes == 0 ? 0 : weigh(key, value, size);
        if (!total.hold(1, weight) || weight > UINT32_MAX) return put_result::too_large;

        auto const slot = slot_of(key, hash);
        if (slot == no_slot || !still_lives(slot, hash)) {
            insert(key, hash, std::forward<V>(value), lifetime_of(key, value, asked), weight, here);
            return put_result::stored;
        }
        if (!replace) return put_result::exists;
        auto const ttl = lifetime_of(key, value, asked);
        reserve_end(ttl);
        if (weight != 0) weights_.reserve(nodes_.slots());
        if (policy_->on_removal) policy_->on_removal(nodes_.key(slot), nodes_.value(slot), removal::replaced);
        nodes_.assign(slot, std::forward<V>(value));
        set_end(slot, ttl);
        set_weight(slot, weight);
        order_.used(slot, hash);
        while (!here.hold(0, counters_.weight)) evict();
        return put_result::stored;
    }

    /// Weighs all entries anew: while no bound needs weights, none are known.
    void weigh_all()
    {
        weights_.reserve(nodes_.slots());
        index_.for_each([&](slot_number slot) {
            key_ref key = nodes_.key(slot);
            value_ref value = nodes_.value(slot);
            set_weight(slot, std::min<std::size_t>(weigh(key, value, nodes::size_of(key, value)), UINT32_MAX));
        });
    }

    /// Removes the entry that the order chooses. Only where there is one.
    void evict()
    {
        slot_number asked = no_slot;
        std::uint64_t known = 0;
        auto const slot = order_.evict([&](slot_number s) { return known = hash_of(asked = s); });
        auto const cause = ended(slot) ? removal::expired : removal::evicted;
        drop(slot, asked == slot ? known : hash_of(slot), cause, false);
    }

    /// Removes all that has ended; in time proportional to all entries.
    void remove_expired()
    {
        if (!expiry_.any()) return;
        for (std::size_t i = 0; i < nodes_.slots(); ++i) sweep(expiry_.next());
    }

    void clear()
    {
        if (policy_->on_removal) {
            index_.for_each(
                [&](slot_number slot) { policy_->on_removal(nodes_.key(slot), nodes_.value(slot), removal::erased); });
        }
        destroy_all();
        forget_all();
    }

    /// Calls `f(key, value, left)` for each living entry, the one that would go first coming first where the order knows;
    /// `left` are milliseconds, negative for those that do not end.
    template <class F> void for_each(F&& f)
    {
        auto const visit = [&](slot_number slot) {
            if (!expiry_.any() || !expiry_.has_end(slot)) return f(nodes_.key(slot), nodes_.value(slot), std::int64_t{-1});
            auto const left = expiry_.end(slot) - now();
            if (left > 0) f(nodes_.key(slot), nodes_.value(slot), left);
        };
        if constexpr (requires { order_.for_each(visit); }) {
            order_.for_each(visit);
        } else {
            index_.for_each(visit);
        }
    }

    void add_to(memory_statistics& sum) const noexcept
    {
        sum.entries += size();
        sum.weight += counters_.weight;
        sum.evicted += counters_.evicted;
        sum.expired += counters_.expired;
        sum.entry_bytes += nodes_.memory();
        sum.index_bytes += index_.memory();
        sum.order_bytes += order_.memory();
        sum.lifetime_bytes += expiry_.memory() + spans_.memory() + weights_.memory();
    }

    /// In two stages, for a batch: first the line of the index, then what it leads to, which is fetched.
    BOOST_FORCEINLINE void prefetch_index(std::uint64_t hash) const noexcept { index_.prefetch(hash); }
    [[nodiscard]] BOOST_FORCEINLINE slot_number guess(std::uint64_t hash) const noexcept
    {
        auto const slot = index_.guess(hash);
        if (slot != no_slot) [[likely]] {
            nodes_.prefetch(slot);
            if constexpr (requires { order_.prefetch(slot); }) order_.prefetch(slot);
        }
        return slot;
    }

    [[nodiscard]] BOOST_FORCEINLINE std::uint64_t hash(key_ref const& key) const noexcept
    {
        using hashed = std::remove_cvref_t<key_ref>;
        return key_hash<hashed>{}(key, seed_);
    }

private:
    /// A key on its way to what is not inlined: by value where that keeps it out of memory.
    using plain_key = std::remove_cvref_t<key_ref>;
    using passed_key =
        std::conditional_t<std::is_trivially_copyable_v<plain_key> && sizeof(plain_key) <= 16, plain_key, key_ref const&>;

    struct counters {
        std::size_t weight = 0;
        std::size_t evicted = 0;
        std::size_t expired = 0;
    };

    [[nodiscard]] std::uint64_t hash_of(slot_number slot) const noexcept { return hash(nodes_.key(slot)); }
    [[nodiscard]] auto hasher() const noexcept
    {
        return [this](slot_number slot) { return hash_of(slot); };
    }
    struct found {
        slot_number slot; ///< `no_slot`: there is none.
        decltype(std::declval<nodes const&>().place(slot_number{})) place;
    };
    [[nodiscard]] BOOST_FORCEINLINE found find(key_ref const& key, std::uint64_t hash) const
    {
        found result{};
        result.slot = index_.find(
            hash,
            [&](slot_number slot) STRATA_INLINED {
                result.place = nodes_.place(slot);
                return nodes::has_key(result.place, key);
            },
            [&]() STRATA_INLINED {
                auto const slot = find_further(key, hash);
                if (slot != no_slot) result.place = nodes_.place(slot);
                return slot;
            });
        return result;
    }
    [[nodiscard]] BOOST_NOINLINE slot_number slot_of(passed_key key, std::uint64_t hash) const
    {
        return find(key, hash).slot;
    }
    [[nodiscard]] BOOST_NOINLINE slot_number find_further(passed_key key, std::uint64_t hash) const
    {
        return index_.find_further(hash, [&](slot_number slot) { return nodes::has_key(nodes_.place(slot), key); });
    }
    [[nodiscard]] std::int64_t now() const { return policy_->clock ? policy_->clock() : steady_milliseconds(); }

    [[nodiscard]] bool ended(slot_number slot)
    {
        return expiry_.any() && expiry_.has_end(slot) && expiry_.end(slot) <= now();
    }
    /// Removes the entry if it has ended.
    [[nodiscard]] bool still_lives(slot_number slot, std::uint64_t hash)
    {
        if (!ended(slot)) return true;
        remove(slot, hash, removal::expired);
        return false;
    }

    /// The same, and if it goes on living, a hit may have given it its lifetime anew. Not inlined, so that a hit where nothing
    /// ends is short.
    [[nodiscard]] BOOST_NOINLINE bool lives_on(slot_number slot, std::uint64_t hash)
    {
        if (!still_lives(slot, hash)) return false;
        slide(slot);
        return true;
    }

    /// For `peek`, which changes nothing that has ended.
    [[nodiscard]] BOOST_NOINLINE bool lives_meanwhile(slot_number slot)
    {
        if (ended(slot)) return false;
        slide(slot);
        return true;
    }

    /// The slot of an entry that is there and has not ended, as a hit looks for it.
    [[nodiscard]] BOOST_NOINLINE slot_number living(passed_key key, std::uint64_t hash)
    {
        auto const slot = slot_of(key, hash);
        return slot == no_slot || (expiry_.any() && !lives_on(slot, hash)) ? no_slot : slot;
    }

    template <class V> [[nodiscard]] std::size_t weigh(key_ref const& key, V const& value, std::size_t size) const
    {
        return policy_->weigher ? policy_->weigher(key, value) : size + Policy::entry_overhead;
    }
    template <class V> [[nodiscard]] lifetime lifetime_of(key_ref const& key, V const& value, lifetime asked) const
    {
        if (asked.is_default() && policy_->lifetime_of) asked = policy_->lifetime_of(key, value);
        return asked.valid() ? asked.or_else(policy_->ttl) : policy_->ttl;
    }

    void reserve_end(lifetime ttl)
    {
        if (ttl.is_forever() && !expiry_.any()) return;
        expiry_.reserve(nodes_.slots());
        if (policy_->sliding) spans_.reserve(nodes_.slots());
    }
    void set_end(slot_number slot, lifetime ttl)
    {
        if (!expiry_.any()) return;
        if (ttl.is_forever()) return expiry_.forget(slot);
        auto const at = now();
        expiry_.set(slot, end_of(at, ttl.count()), at);
        if (policy_->sliding) spans_[slot] = ttl.count();
    }
    void slide(slot_number slot)
    {
        if (policy_->sliding && expiry_.has_end(slot)) expiry_.renew(slot, end_of(now(), spans_[slot]));
    }
    [[nodiscard]] static std::int64_t end_of(std::int64_t at, std::int64_t span) noexcept
    {
        return span > memory_expiry::never - std::max<std::int64_t>(at, 0) ? memory_expiry::never : at + span;
    }

    void set_weight(slot_number slot, std::size_t weight) noexcept
    {
        if (slot >= weights_.size()) return;
        counters_.weight += weight - weights_[slot];
        weights_[slot] = static_cast<std::uint32_t>(weight);
    }

    template <class V>
    void insert(key_ref const& key, std::uint64_t hash, V&& value, lifetime ttl, std::size_t weight,
                memory_bounds const& here)
    {
        if constexpr (requires { order_.expect(hash); }) order_.expect(hash);
        while (size() > 0 && !here.hold(size() + 1, counters_.weight + weight)) evict();
        struct taken {
            nodes& from;
            slot_number slot;
            ~taken()
            {
                if (slot != no_slot) from.release(slot);
            }
        } place{nodes_, nodes_.take(key, value)};
        auto const slot = place.slot;
        index_.reserve_one(slot, hasher());
        order_.reserve(nodes_.slots());
        reserve_end(ttl);
        if (weight != 0) weights_.reserve(nodes_.slots());
        nodes_.construct(slot, key, std::forward<V>(value));
        place.slot = no_slot;

        index_.insert(hash, slot, hasher());
        order_.inserted(slot, hash);
        set_weight(slot, weight);
        set_end(slot, ttl);
        if (expiry_.any()) {
            for (int i = 0; i < slots_of_sweep; ++i) sweep(expiry_.next());
        }
    }

    void sweep(slot_number slot)
    {
        if (!ended(slot)) return;
        remove(slot, hash_of(slot), removal::expired);
    }

    void remove(slot_number slot, std::uint64_t hash, removal cause)
    {
        order_.removed(slot);
        drop(slot, hash, cause, gives_back<order>);
    }

    /// Ends an entry that is out of the order already; `kept`: but the order keeps its slot.
    void drop(slot_number slot, std::uint64_t hash, removal cause, bool kept)
    {
        index_.erase(hash, slot);
        expiry_.forget(slot);
        set_weight(slot, 0);
        counters_.evicted += cause == removal::evicted ? 1 : 0;
        counters_.expired += cause == removal::expired ? 1 : 0;
        struct last_act {
            memory_table& of;
            slot_number slot;
            bool kept;
            ~last_act()
            {
                of.nodes_.destroy(slot);
                if (!kept) of.nodes_.release(slot);
                if constexpr (gives_back<order>) of.order_.give_back([&](slot_number s) { of.nodes_.release(s); });
            }
        } const end{*this, slot, kept};
        if (policy_->on_removal) policy_->on_removal(nodes_.key(slot), nodes_.value(slot), cause);
    }

    void destroy_all() noexcept
    {
        index_.for_each([&](slot_number slot) { nodes_.destroy(slot); });
    }
    void forget_all() noexcept
    {
        index_.clear();
        nodes_.clear();
        order_.clear();
        expiry_.clear();
        spans_.clear();
        weights_.clear();
        counters_.weight = 0;
    }

    static constexpr int slots_of_sweep = 2;

    std::shared_ptr<Policy const> policy_;
    hash_seed seed_;
    nodes nodes_;
    memory_index index_;
    order order_;
    memory_expiry expiry_;
    slot_array<std::int64_t> spans_; ///< The lifetime of each entry, where lifetimes slide.
    slot_array<std::uint32_t> weights_;
    counters counters_;
};

} // namespace strata::detail
