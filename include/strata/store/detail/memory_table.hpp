#pragma once

#include <strata/core/detail/inlined.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/store/detail/first_exception.hpp>
#include <strata/store/detail/memory_ahead.hpp>
#include <strata/store/detail/memory_bounds.hpp>
#include <strata/store/detail/memory_index.hpp>
#include <strata/store/detail/memory_nodes.hpp>
#include <strata/store/detail/memory_place.hpp>
#include <strata/store/detail/memory_terms.hpp>
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

/// The entries of a `Memory`, or of one shard of it, put together from its parts: an index from hashes to slots, nodes
/// at slots, an order to evict by, and ends of lifetimes. For one thread at a time, but for `peek`.
template <class Policy> class memory_table {
public:
    using key_type = typename Policy::key;
    using nodes = memory_nodes<key_type, typename Policy::value>;
    using order = typename Policy::eviction::order;
    using key_ref = typename nodes::key_ref;
    using value_ref = typename nodes::value_ref;

    enum class put_result { stored, exists, too_large, not_a_lifetime };

    memory_table(std::shared_ptr<Policy const> policy, hash_seed const& seed)
        : policy_{std::move(policy)}
        , seed_{seed}
        , terms_{policy_}
        , plain_{!policy_->on_removal && !policy_->lifetime_of && policy_->ttl.is_forever()}
    {
        if constexpr (requires { requires order::sparing; }) index_.spare();
    }

    memory_table(memory_table&& other) noexcept
        : policy_{other.policy_}
        , seed_{other.seed_}
        , nodes_{std::move(other.nodes_)}
        , index_{std::move(other.index_)}
        , order_{std::exchange(other.order_, order{})}
        , terms_{std::move(other.terms_)}
        , counters_{std::exchange(other.counters_, {})}
        , reserved_{other.reserved_}
        , plain_{other.plain_}
        , full_{other.full_}
    {
        other.forget_all();
    }
    memory_table& operator=(memory_table&& other) noexcept
    {
        if (this == &other) return *this;
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));
    }
    ~memory_table() { destroy_all(); }

    /// What will be here in the end, exactly or about.
    void expect(memory_bounds const& share, bool exactly) noexcept
    {
        auto const entries = exactly && share.entries != memory_bounds::none ? share.entries : 0;
        nodes_.expect(share.worth_expecting());
        nodes_.limit(entries, policy_->weigher ? memory_bounds::none : share.bytes);
        index_.expect(entries);
    }

    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
    [[nodiscard]] std::size_t weight() const noexcept { return terms_.weight(); }

    /// Lends the value to `f`, and counts that as a use. False: there is none.
    template <class F> BOOST_FORCEINLINE bool get(key_ref const& key, std::uint64_t hash, F&& f)
    {
        return lend(key, hash, f, [&](slot_number slot) STRATA_INLINED { return lives_on(slot, hash); });
    }

    /// The same where `guess` has said where the entry may be, and nothing was changed since but by calls of this.
    template <class F>
    BOOST_FORCEINLINE bool get_guessed(slot_number guessed, key_ref const& key, std::uint64_t hash, F&& f)
    {
        auto slot = guessed;
        decltype(nodes_.place(slot)) place{};
        bool right = false;
        if (slot != no_slot && !terms_.ends()) [[likely]] { // what has ended would go, and its place be another's
            place = nodes_.place(slot);
            right = nodes::has_key(place, key);
        }
        if (!right) [[unlikely]] {
            slot = living(key, hash);
            if (slot == no_slot) return false;
            place = nodes_.place(slot);
        }
        value_ref value = nodes::value(place, key);
        order_.used(slot, hash);
        f(value);
        return true;
    }

    /// The same for several threads at once, where `order::shared_hits`: what has ended is not served, but stays.
    template <class F> BOOST_FORCEINLINE bool peek(key_ref const& key, std::uint64_t hash, F&& f)
    {
        return lend(key, hash, f, [&](slot_number slot) STRATA_INLINED { return lives_meanwhile(slot); });
    }

    [[nodiscard]] bool contains(key_ref const& key, std::uint64_t hash)
    {
        auto const slot = find(key, hash).slot;
        return slot != no_slot && !terms_.ended(slot);
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
        terms_.set_end(slot, ttl, reserve_terms(ttl, 0, 0));
        return true;
    }

    /// Stores an entry. `total` bounds what it may weigh, `here` what this table may hold: others go for it before.
    template <class V>
    BOOST_FORCEINLINE put_result put(key_ref const& key, std::uint64_t hash, V&& value, lifetime asked, bool replace,
                                     memory_bounds const& total, memory_bounds const& here)
    {
        auto const size = nodes::size_of(key, value);
        if (size > nodes::max_bytes) [[unlikely]] return put_result::too_large;
        bool const plain = plain_ && asked.is_default();
        std::size_t weight = 0;
        if (!plain && total.bytes != memory_bounds::none) [[unlikely]] {
            weight = terms_.weigh(key, value, size);
            if (weight > std::min<std::size_t>(total.bytes, UINT32_MAX)) return put_result::too_large;
        }
        auto const at = plain ? 0 : terms_.now_if_any_ends();
        auto const slot = find(key, hash).slot;
        bool const there = slot != no_slot && still_lives(slot, hash, at);
        if (there && !replace) return put_result::exists;
        lifetime ttl = forever;
        if (!plain) [[unlikely]] {
            ttl = terms_.lifetime_of(key, value, asked);
            if (!ttl.valid()) return put_result::not_a_lifetime;
        }
        if (!there) {
            insert(key, hash, std::forward<V>(value), plain, ttl, weight, at, here);
            return put_result::stored;
        }
        assign(slot, hash, std::forward<V>(value), plain, ttl, weight, at);
        while (!here.hold(0, terms_.weight())) [[unlikely]] nodes_.release(expel(at));
        return put_result::stored;
    }

    /// Weighs all entries anew: while no bound needs weights, none are known.
    void weigh_all()
    {
        reserve_terms(forever, 1, 1);
        index_.for_each([&](slot_number slot) {
            key_ref key = nodes_.key(slot);
            value_ref value = nodes_.value(slot);
            auto const weight = terms_.weigh(key, value, nodes::size_of(key, value));
            terms_.set_weight(slot, std::min<std::size_t>(weight, UINT32_MAX));
        });
    }

    /// Removes the entry that the order chooses. Only where there is one.
    void evict() { nodes_.release(expel(terms_.now_if_any_ends())); }

    /// Removes all that has ended; in time proportional to all entries.
    void remove_expired()
    {
        if (!terms_.ends()) return;
        auto const at = terms_.now_if_any_ends();
        for (std::size_t i = 0; i < nodes_.slots(); ++i) sweep(terms_.next(), at);
    }

    /// Everything goes, whatever is thrown meanwhile.
    void clear()
    {
        first_exception thrown;
        if (policy_->on_removal) {
            index_.for_each([&](slot_number slot) { thrown.of([&] { tell(slot, removal::erased); }); });
        }
        destroy_all();
        forget_all();
        thrown.rethrow();
    }

    /// Calls `f(key, value, left)` for each living entry, the one that would go first coming first where the order
    /// knows; `left` are milliseconds, negative for those that do not end.
    template <class F> void for_each(F&& f)
    {
        auto const visit = [this, &f, at = terms_.now_if_any_ends()](slot_number slot) {
            auto const left = terms_.left(slot, at);
            if (left != 0) f(nodes_.key(slot), nodes_.value(slot), left);
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
        sum.weight += terms_.weight();
        sum.evicted += counters_.evicted;
        sum.expired += counters_.expired;
        sum.entry_bytes += nodes_.memory();
        sum.index_bytes += index_.memory();
        sum.order_bytes += order_.memory();
        sum.lifetime_bytes += terms_.memory();
    }

    /// In two stages, for a batch: first the line of the index, then what it leads to, which is fetched.
    BOOST_FORCEINLINE void prefetch_index(std::uint64_t hash) const noexcept { index_.prefetch(hash); }
    [[nodiscard]] BOOST_FORCEINLINE slot_number guess(std::uint64_t hash) const
    {
        return index_.guess(hash, fetcher());
    }
    /// For those of which that knew nothing, after all others: what it fetched for them is there by then.
    [[nodiscard]] slot_number guess_further(std::uint64_t hash) const { return index_.guess_further(hash, fetcher()); }

    [[nodiscard]] BOOST_FORCEINLINE std::uint64_t hash(key_ref const& key) const noexcept
    {
        using hashed = std::remove_cvref_t<key_ref>;
        return key_hash<hashed>{}(key, seed_);
    }

private:
    template <class F, class Lives>
    BOOST_FORCEINLINE bool lend(key_ref const& key, std::uint64_t hash, F&& f, Lives&& lives)
    {
        auto const [slot, place] = find(key, hash);
        if (slot == no_slot) return false;
        if (terms_.ends() && !lives(slot)) [[unlikely]] return false;
        value_ref value = nodes::value(place, key); // before `used` writes: the compiler then knows the address still
        order_.used(slot, hash);
        f(value);
        return true;
    }

    [[nodiscard]] auto fetcher() const noexcept
    {
        return [this](slot_number slot) STRATA_INLINED {
            nodes_.prefetch(slot);
            if constexpr (requires { order_.prefetch(slot); }) order_.prefetch(slot);
        };
    }

    /// A key on its way to what is not inlined: by value where that keeps it out of memory.
    using plain_key = std::remove_cvref_t<key_ref>;
    static constexpr bool passed_by_value = std::is_trivially_copyable_v<plain_key> && sizeof(plain_key) <= 16;
    using passed_key = std::conditional_t<passed_by_value, plain_key, key_ref const&>;

    struct counters {
        std::size_t evicted = 0;
        std::size_t expired = 0;
    };

    [[nodiscard]] std::uint64_t hash_of(slot_number slot) const noexcept { return hash(nodes_.key(slot)); }
    [[nodiscard]] auto hasher() const noexcept { return [this](slot_number slot) { return hash_of(slot); }; }
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
    /// Removes the entry if it has ended.
    [[nodiscard]] bool still_lives(slot_number slot, std::uint64_t hash)
    {
        return !terms_.has_end(slot) || still_lives(slot, hash, terms_.now_if_any_ends());
    }
    [[nodiscard]] bool still_lives(slot_number slot, std::uint64_t hash, std::int64_t at)
    {
        if (!terms_.ended(slot, at)) return true;
        remove(slot, hash, removal::expired);
        return false;
    }

    /// The same, and if it goes on living, a hit may have given it its lifetime anew. Not inlined, so that a hit where
    /// nothing ends is short.
    [[nodiscard]] BOOST_NOINLINE bool lives_on(slot_number slot, std::uint64_t hash)
    {
        if (!still_lives(slot, hash)) return false;
        terms_.slide(slot);
        return true;
    }

    /// For `peek`, which changes nothing that has ended.
    [[nodiscard]] BOOST_NOINLINE bool lives_meanwhile(slot_number slot)
    {
        if (terms_.ended(slot)) return false;
        terms_.slide(slot);
        return true;
    }

    /// The slot of an entry that is there and has not ended, as a hit looks for it.
    [[nodiscard]] BOOST_NOINLINE slot_number living(passed_key key, std::uint64_t hash)
    {
        auto const slot = slot_of(key, hash);
        return slot == no_slot || (terms_.ends() && !lives_on(slot, hash)) ? no_slot : slot;
    }

    template <class V>
    BOOST_FORCEINLINE void insert(key_ref const& key, std::uint64_t hash, V&& value, bool plain, lifetime ttl,
                                  std::size_t weight, std::int64_t at, memory_bounds const& here)
    {
        if constexpr (requires { order_.expect(hash); }) order_.expect(hash);
        empty_place<nodes> place{nodes_};
        while (size() >= here.entries || terms_.weight() + weight > here.bytes) place.become(expel(at));
        if (place.slot() != no_slot) {
            place.become(nodes_.take(key, value, place.leave()));
        } else {
            place.become(nodes_.take(key, value));
        }
        index_.reserve_one(place.slot(), hasher());
        if (nodes_.slots() != reserved_) [[unlikely]] {
            order_.reserve(nodes_.slots());
            reserved_ = nodes_.slots();
        }
        if (!plain) [[unlikely]] at = reserve_terms(ttl, weight, at);
        nodes_.construct(place.slot(), key, std::forward<V>(value));

        auto const slot = place.leave();
        index_.insert(hash, slot, hasher());
        order_.inserted(slot, hash);
        if (!plain) [[unlikely]] set_terms(slot, ttl, weight, at);
    }

    template <class V>
    void assign(slot_number slot, std::uint64_t hash, V&& value, bool plain, lifetime ttl, std::size_t weight,
                std::int64_t at)
    {
        if (!plain) [[unlikely]] at = reserve_terms(ttl, weight, at);
        auto fresh = nodes_.successor(slot, std::forward<V>(value)); // what may throw comes before the old value goes
        if (!plain) [[unlikely]] tell(slot, removal::replaced);
        if constexpr (noexcept(nodes_.assign(slot, std::move(fresh)))) {
            nodes_.assign(slot, std::move(fresh));
        } else {
            try {
                nodes_.assign(slot, std::move(fresh));
            } catch (...) { // the old value has gone, and the new one is not there
                take_out(slot, hash, [] {});
                throw;
            }
        }
        order_.used(slot, hash);
        if (!plain) [[unlikely]] set_terms(slot, ttl, weight, at);
    }

    /// Returns what the clock shows, which is asked where `at` is 0: the entry may be the first that ends.
    BOOST_NOINLINE std::int64_t reserve_terms(lifetime ttl, std::size_t weight, std::int64_t at)
    {
        if (!ttl.is_forever() || weight != 0) plain_ = false;
        terms_.reserve(nodes_.slots(), ttl, weight);
        return at != 0 ? at : terms_.now_if_any_ends();
    }
    BOOST_NOINLINE void set_terms(slot_number slot, lifetime ttl, std::size_t weight, std::int64_t at)
    {
        terms_.set(slot, ttl, weight, at);
        if (!terms_.ends()) return;
        for (int i = 0; i < slots_of_sweep; ++i) sweep(terms_.next(), at);
    }

    void sweep(slot_number slot, std::int64_t at)
    {
        if (!terms_.ended(slot, at)) return;
        remove(slot, hash_of(slot), removal::expired);
    }

    /// Ends the entry that the order chooses, and returns its slot, which stays taken. `at` is what the clock shows.
    [[nodiscard]] BOOST_NOINLINE slot_number expel(std::int64_t at)
    {
        slot_number asked = no_slot;
        std::uint64_t known = 0;
        auto const slot = order_.evict([&](slot_number s) STRATA_INLINED { return known = hash_of(asked = s); });
        index_.erase(asked == slot ? known : hash_of(slot), slot);
        fetch_ahead(order_, nodes_, index_, hasher());
        if (!full_) [[unlikely]] {
            full_ = true;
            reserved_ = 0; // the order may want more room once it evicts
        }
        take_back();
        empty_place<nodes> place{nodes_, slot};
        parting_entry<nodes> const entry{nodes_, slot};
        if (plain_) [[likely]] {
            ++counters_.evicted;
        } else {
            account_for_evicted(slot, at);
        }
        return place.leave();
    }

    /// Ends an entry that is in the order.
    void remove(slot_number slot, std::uint64_t hash, removal cause)
    {
        take_out(slot, hash, [&] { account(slot, cause); });
        take_back();
    }
    template <class F> void take_out(slot_number slot, std::uint64_t hash, F&& before_end)
    {
        order_.removed(slot);
        index_.erase(hash, slot);
        terms_.forget(slot);
        empty_place<nodes> const place{nodes_, gives_back<order> ? no_slot : slot};
        parting_entry<nodes> const entry{nodes_, slot};
        before_end();
    }
    /// Slots of removed entries that the order kept.
    void take_back() noexcept
    {
        if constexpr (gives_back<order>) order_.give_back([&](slot_number slot) { nodes_.release(slot); });
    }
    BOOST_NOINLINE void account_for_evicted(slot_number slot, std::int64_t at)
    {
        account(slot, terms_.forget(slot) <= at ? removal::expired : removal::evicted);
    }
    /// Counts and tells that an entry goes.
    void account(slot_number slot, removal cause)
    {
        counters_.evicted += cause == removal::evicted ? 1 : 0;
        counters_.expired += cause == removal::expired ? 1 : 0;
        tell(slot, cause);
    }
    void tell(slot_number slot, removal cause) const
    {
        if (policy_->on_removal) policy_->on_removal(nodes_.key(slot), nodes_.value(slot), cause);
    }

    void destroy_all() noexcept
    {
        index_.for_each([&](slot_number slot) { nodes_.destroy(slot); });
    }
    /// Only where the entries have been destroyed.
    void forget_all() noexcept
    {
        index_.clear();
        nodes_.clear();
        order_.clear();
        terms_.clear();
        reserved_ = 0;
        full_ = false;
    }

    static constexpr int slots_of_sweep = 2;

    std::shared_ptr<Policy const> policy_;
    hash_seed seed_;
    nodes nodes_;
    memory_index index_;
    order order_;
    memory_terms<Policy> terms_;
    counters counters_;
    std::size_t reserved_ = 0; ///< Slots that the order has room for.
    bool plain_;               ///< No entry ever had an end or a weight, or gets one unasked; nobody is told of one.
    bool full_ = false;        ///< One was evicted.
};

} // namespace strata::detail
