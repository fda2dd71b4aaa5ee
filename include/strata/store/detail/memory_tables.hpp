#pragma once

#include <strata/eviction/detail/random_bits.hpp>
#include <strata/store/detail/memory_readers.hpp>
#include <strata/store/detail/memory_table.hpp>
#include <strata/store/threads.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

/// One table or many: how the operations of a `Memory` come to the table that holds their key.
namespace strata::detail {

/// The one table of one thread.
template <class Policy> class single_table {
public:
    using table = memory_table<Policy>;
    using key_ref = typename table::key_ref;

    static constexpr bool concurrent = false;

    single_table(std::shared_ptr<Policy const> const& policy, hash_seed const& seed) : table_{policy, seed} {}

    [[nodiscard]] std::uint64_t hash(key_ref const& key) const noexcept { return table_.hash(key); }
    [[nodiscard]] table& only() noexcept { return table_; }

    template <class F> bool get(key_ref const& key, std::uint64_t hash, F&& f) { return table_.get(key, hash, f); }
    [[nodiscard]] bool contains(key_ref const& key, std::uint64_t hash) { return table_.contains(key, hash); }

    /// Calls `f(table, bounds of all, bounds of this table)`, and returns what it returns.
    template <class F> auto change(std::uint64_t, F&& f) { return f(table_, bounds_, bounds_); }
    template <class F> void for_each_table(F&& f) { f(table_); }

    void bound(memory_bounds const& bounds)
    {
        if (bounds_.bytes == memory_bounds::none && bounds.bytes != memory_bounds::none) table_.weigh_all();
        bounds_ = bounds;
        table_.expect(bounds, true);
        while (table_.size() > 0 && !bounds.hold(table_.size(), table_.weight())) table_.evict();
    }
    [[nodiscard]] memory_bounds bounds() const noexcept { return bounds_; }

private:
    table table_;
    memory_bounds bounds_;
};

/// Many tables, each with its lock, and one budget.
template <class Policy> class sharded_tables {
public:
    using table = memory_table<Policy>;
    using key_ref = typename table::key_ref;

    static constexpr bool concurrent = true;

    sharded_tables(std::shared_ptr<Policy const> const& policy, hash_seed const& seed)
        : seed_{seed}, shards_(shards_for(*policy)), last_{(shards_.size() - 1) * sizeof(shard)}
    {
        for (auto& s : shards_) s.held.emplace(policy, seed);
    }

    [[nodiscard]] std::uint64_t hash(key_ref const& key) const noexcept
    {
        return key_hash<std::remove_cvref_t<key_ref>>{}(key, seed_);
    }

    /// `f` is called in one place, which keeps what it refers to in registers.
    template <class F> BOOST_FORCEINLINE bool get(key_ref const& key, std::uint64_t hash, F&& f)
    {
        if constexpr (shared_hits) {
            auto& s = shard_of(hash);
            typename lock::reader reading{s.guard};
            if (s.held->peek(key, hash, f)) {
                reading.leave();
                return true;
            }
            reading.leave();
            return false;
        } else {
            return locked(shard_of(hash), [&](table& t) { return t.get(key, hash, f); });
        }
    }
    [[nodiscard]] bool contains(key_ref const& key, std::uint64_t hash)
    {
        auto& s = shard_of(hash);
        typename lock::reader reading{s.guard};
        return s.held->contains(key, hash);
    }

    template <class F> auto change(std::uint64_t hash, F&& f)
    {
        auto result = locked(shard_of(hash), [&](table& t) { return f(t, bounds(), memory_bounds{}); });
        keep_to_bounds();
        return result;
    }
    template <class F> void for_each_table(F&& f)
    {
        for (auto& s : shards_) locked(s, [&](table& t) { return f(t), 0; });
    }

    void bound(memory_bounds const& bounds)
    {
        auto const share = bounds.divided(shards_.size());
        for_each_table([&](table& t) { t.expect(share, false); }); // a hot shard may come to hold more
        totals_->max_entries.store(bounds.entries, std::memory_order_relaxed);
        auto const before = totals_->max_bytes.exchange(bounds.bytes, std::memory_order_relaxed);
        if (before == memory_bounds::none && bounds.bytes != memory_bounds::none) {
            try {
                for_each_table([](table& t) { t.weigh_all(); });
            } catch (...) { // not all are weighed: the next bound does it
                totals_->max_bytes.store(memory_bounds::none, std::memory_order_relaxed);
                throw;
            }
        }
        keep_to_bounds();
    }
    [[nodiscard]] memory_bounds bounds() const noexcept
    {
        return {totals_->max_entries.load(std::memory_order_relaxed),
                totals_->max_bytes.load(std::memory_order_relaxed)};
    }

private:
    static constexpr int first_bit = 24; ///< Of those that choose a shard.
    static constexpr bool shared_hits = Policy::eviction::order::shared_hits;
    using lock = std::conditional_t<shared_hits, readers_lock, plain_lock>;

    struct locked_table {
        lock guard;
        std::optional<table> held; ///< There from the start.
        std::atomic<std::size_t> size{0}; ///< That of the table, to be read without its lock.
    };
    /// One is found by its number with a shift.
    struct alignas(std::max<std::size_t>(64, std::bit_ceil(sizeof(locked_table)))) shard : locked_table {};
    struct alignas(64) totals {
        std::atomic<std::size_t> entries{0};
        std::atomic<std::size_t> weight{0};
        std::atomic<std::size_t> max_entries{memory_bounds::none};
        std::atomic<std::size_t> max_bytes{memory_bounds::none};
    };

    /// Several for each thread that the machine runs at once, and of sixty-four entries or more each.
    static std::size_t shards_for(Policy const& policy)
    {
        auto const bounds = memory_bounds::of(policy.max_entries, policy.max_bytes);
        std::size_t const bytes_of_entry = policy.weigher ? 1 : 256; // a weigher may count entries
        auto const entries = std::min(bounds.entries, bounds.bytes / bytes_of_entry);
        std::size_t count = std::bit_ceil(8 * std::size_t{std::max(1u, std::thread::hardware_concurrency())});
        count = std::min<std::size_t>(count, 256);
        while (count > 1 && entries / count < 64) count /= 2;
        return count;
    }

    /// By bits of the hash that neither the index nor tags nor ghosts of a shard look at. The shift that makes an
    /// offset of a number is done with the other one.
    [[nodiscard]] BOOST_FORCEINLINE shard& shard_of(std::uint64_t hash) noexcept
    {
        static_assert(std::has_single_bit(sizeof(shard)) && std::countr_zero(sizeof(shard)) <= first_bit);
        auto const offset = static_cast<std::size_t>(hash >> (first_bit - std::countr_zero(sizeof(shard)))) & last_;
        return *std::launder(reinterpret_cast<shard*>(reinterpret_cast<std::byte*>(shards_.data()) + offset));
    }

    /// Runs `f` on a table that nobody else uses, and keeps the totals.
    template <class F> auto locked(shard& s, F&& f)
    {
        typename lock::writer changing{s.guard};
        struct account {
            shard& of;
            totals& sum;
            std::size_t entries = of.held->size();
            std::size_t weight = of.held->weight();
            ~account()
            {
                if (entries != of.held->size()) {
                    sum.entries.fetch_add(of.held->size() - entries, std::memory_order_relaxed);
                    of.size.store(of.held->size(), std::memory_order_relaxed);
                }
                if (weight != of.held->weight()) {
                    sum.weight.fetch_add(of.held->weight() - weight, std::memory_order_relaxed);
                }
            }
        } const at_end{s, *totals_};
        return f(*s.held);
    }

    [[nodiscard]] bool over() const noexcept
    {
        auto const entries = totals_->entries.load(std::memory_order_relaxed);
        return entries > 0 && !bounds().hold(entries, totals_->weight.load(std::memory_order_relaxed));
    }

    /// Evicts until the bounds are kept, from shards chosen in proportion to their sizes: each then holds as much of
    /// the whole as it takes in.
    void keep_to_bounds()
    {
        constinit thread_local random_bits random{1};
        while (over()) {
            auto const average = totals_->entries.load(std::memory_order_relaxed) / shards_.size() + 1;
            auto& s = shards_[random.below(shards_.size())];
            if (s.size.load(std::memory_order_relaxed) <= random.below(2 * average)) continue;
            locked(s, [](table& t) {
                if (t.size() > 0) t.evict();
                return 0;
            });
        }
    }

    hash_seed seed_; ///< As the tables have it, to be at hand.
    std::vector<shard> shards_;
    std::size_t last_; ///< Where the last one begins. There is a power of two of them.
    std::unique_ptr<totals> totals_ = std::make_unique<totals>();
};

template <class Threads, class Policy> struct tables_of;
template <class Policy> struct tables_of<OneThread, Policy> {
    using type = single_table<Policy>;
};
template <class Policy> struct tables_of<Sharded, Policy> {
    using type = sharded_tables<Policy>;
};

} // namespace strata::detail
