#pragma once

#include <strata/core/clock.hpp>
#include <strata/core/detail/inlined.hpp>
#include <strata/core/request.hpp>
#include <strata/core/value.hpp>
#include <strata/eviction/adaptive_s3_fifo.hpp>
#include <strata/store/detail/first_exception.hpp>
#include <strata/store/detail/memory_snapshot.hpp>
#include <strata/store/detail/memory_tables.hpp>
#include <strata/store/memory_types.hpp>
#include <strata/store/threads.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <any>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace strata {

/// Entries in this process, bounded by number or weight, with lifetimes.
///
/// With `Key` and `Value` of `std::string` it is a store of bytes like any other; else it takes its own types as they
/// are: keys that can be compared and hashed (see `key_hash`), values that can be moved. Small byte strings lie in the
/// entry itself. `Eviction` says what goes when there is no room (see eviction/eviction.hpp), `Threads` who may use it.
///
/// All operations take constant time on average, and growth has no long pause. Memory is taken as entries come, and
/// kept until `clear`: beside them 7 bytes each for the index (6 with an eviction that spares memory; 2 or 3 more
/// beyond 16 million in one table; up to twice that without `max_entries`, since it doubles) and what the eviction
/// keeps, and up to a thirty-second (byte strings: a third of the most entries that there were) in places that are
/// free. `max_bytes` bounds what entries weigh. By the store's own weights, which count some overhead, all its memory
/// is then a seventh more or less, and a quarter more where lengths differ widely, from a megabyte in each table or
/// shard on; but places for byte strings stay of the lengths that they were made for, so where lengths change much as
/// time goes on it can come to three and a half times the bound.
///
/// On Linux what is larger than 8 MiB lies in huge pages where the system lets programs ask for them (`madvise`), each
/// of which counts whole; elsewhere entries are copied as there come more. Beyond 268 million entries, in one table or
/// shard, a put throws `std::bad_alloc` with the evictions that keep queues.
///
/// Lifetimes end to the millisecond, those longer than twelve days to the second; an entry that has ended is never
/// served, and goes when it is met, evicted, or by looking at two entries with each one that is put.
///
/// The functions given here run in the middle of an operation and must not use the same stack. What they throw reaches
/// the caller, as `std::bad_alloc` does; the store stays usable.
template <class Key = std::string, class Value = std::string, class Eviction = AdaptiveS3Fifo,
          class Threads = OneThread>
struct Memory {
    static_assert(strata::eviction<Eviction>, "strata: Memory: this is not an eviction; see eviction/eviction.hpp");
    static_assert(detail::memory_key<Key>,
                  "strata: Memory: keys are compared by == and hashed by std::hash, hash_value or a key_hash of their "
                  "own");

    using key = Key;
    using value = Value;
    using eviction = std::conditional_t<strata::eviction<Eviction>, Eviction, AdaptiveS3Fifo>; // one error is enough

    /// Keys and values as functions see them: `std::string_view` for `std::string`, else `const&`.
    using key_view_type = typename detail::memory_nodes<Key, Value>::key_ref;
    using value_view_type = typename detail::memory_nodes<Key, Value>::value_ref;

    /// What an entry weighs beside its own bytes, where there is no weigher.
    static constexpr std::size_t entry_overhead = 24;

    std::size_t max_entries = 0; ///< Evict beyond this number; 0: no bound.
    /// Evict beyond this weight; 0: no bound. What weighs more alone, or more than four billion, is `too_large`: it
    /// evicts nothing, and what was under its key stays. So, with any bound, are byte strings of two gigabytes or more.
    std::size_t max_bytes = 0;

    /// What an entry weighs; without it, the bytes of key and value (objects: their size) and some overhead.
    std::function<std::size_t(key_view_type, value_view_type)> weigher = {};

    lifetime ttl = forever; ///< For entries that are put without one.

    /// The lifetime of an entry that is put without one, by its key and value; a default-made one stands for `ttl`. A
    /// put is refused with `std::errc::invalid_argument` if this says zero or less.
    std::function<lifetime(key_view_type, value_view_type)> lifetime_of = {};

    bool sliding = false; ///< Whether each hit gives an entry its lifetime anew.

    /// Called once for each entry that goes, before it does; not for those that are there when the store ends or
    /// another one is assigned to it. What it throws keeps no entry, but for one that would be replaced.
    std::function<void(key_view_type, value_view_type, removal)> on_removal = {};

    clock_function clock = {}; ///< Milliseconds; empty: the system's steady clock. Not asked without lifetimes.

    static constexpr fixed_string name{"Memory"};

    class store;
};

template <class Key, class Value, class Eviction, class Threads> class Memory<Key, Value, Eviction, Threads>::store {
    template <class T> using kind = std::conditional_t<std::same_as<T, std::string>, bytes, T>;
    using tables = typename detail::tables_of<Threads, Memory>::type;
    using table = typename tables::table;
    using key_ref = key_view_type;

public:
    using key_type = kind<Key>;
    using value_type = kind<Value>;
    static constexpr bool concurrent = tables::concurrent;

    explicit store(Memory policy)
        : policy_{std::make_shared<Memory const>(checked(std::move(policy)))}
        , tables_{policy_, hash_seed::random()}
    {
        tables_.bound(detail::memory_bounds::of(policy_->max_entries, policy_->max_bytes));
    }

    [[nodiscard]] lifetime default_lifetime() const noexcept { return policy_->ttl; }

    BOOST_FORCEINLINE void run(asks<op::get> auto const& r)
    {
        if constexpr (single<typename std::remove_cvref_t<decltype(r)>::keys_type>) {
            with_key(r, 0, [&](key_ref const& key) STRATA_INLINED { get(r, 0, key, tables_.hash(key)); });
        } else if constexpr (!tables::concurrent) {
            get_batch(r);
        } else {
            each(r, [&](std::size_t i, key_ref const& key) { get(r, i, key, tables_.hash(key)); });
        }
    }
    void run(asks<op::contains> auto const& r)
    {
        each(r, [&](std::size_t i, key_ref const& key) { answer(r, i, tables_.contains(key, tables_.hash(key))); });
    }
    void run(asks<op::erase> auto const& r)
    {
        each(r, [&](std::size_t i, key_ref const& key) {
            auto const hash = tables_.hash(key);
            answer(r, i, tables_.change(hash, [&](table& t, auto const&...) { return t.erase(key, hash); }));
        });
    }
    void run(asks<op::touch> auto const& r)
    {
        each(r, [&](std::size_t i, key_ref const& key) {
            auto const hash = tables_.hash(key);
            answer(r, i, tables_.change(hash, [&](table& t, auto const&...) { return t.touch(key, hash, r.ttl); }));
        });
    }
    BOOST_FORCEINLINE void run(asks<op::put> auto const& r)
    {
        if constexpr (single<typename std::remove_cvref_t<decltype(r)>::keys_type>) {
            with_key(r, 0, [&](key_ref const& key) STRATA_INLINED { put(r, 0, key, tables_.hash(key), true); });
        } else {
            each(r, [&](std::size_t i, key_ref const& key) { put(r, i, key, tables_.hash(key), true); });
        }
    }
    void run(asks<op::add> auto const& r)
    {
        each(r, [&](std::size_t i, key_ref const& key) {
            auto const hash = tables_.hash(key);
            if (tables_.contains(key, hash)) return r.sink.fail(i, errc::exists);
            put(r, i, key, hash, false);
        });
    }
    /// All entries go: a store in this process belongs to one stack.
    void run(asks<op::clear> auto const& r)
    {
        detail::first_exception thrown;
        tables_.for_each_table([&](table& t) { thrown.of([&] { t.clear(); }); });
        thrown.rethrow();
        r.sink.hit(0);
    }
    void run(asks<op::size> auto const& r) { r.sink.hit(0, statistics().entries); }

    /// Calls `f(key, value)` for each entry that has not ended. `f` must not use the stack. Under `Sharded`, one shard
    /// after the other is held meanwhile.
    template <class F> void for_each(F&& f)
    {
        tables_.for_each_table([&](table& t) {
            t.for_each([&](key_ref const& k, value_view_type v, std::int64_t) { f(k, v); });
        });
    }

    /// Other bounds, as the settings have them. What is too much is evicted at once; its memory is kept. The first
    /// bound of bytes weighs all entries, in time proportional to their number.
    void resize(std::size_t entries, std::size_t bytes = 0)
    {
        tables_.bound(detail::memory_bounds::of(entries, bytes));
    }

    /// Removes all entries whose lifetimes have ended; in time proportional to the number of entries. What the listener
    /// throws ends it early.
    void remove_expired()
    {
        tables_.for_each_table([](table& t) { t.remove_expired(); });
    }

    [[nodiscard]] memory_statistics statistics()
    {
        memory_statistics sum;
        tables_.for_each_table([&](table& t) { t.add_to(sum); });
        return sum;
    }

    /// Writes all entries that have not ended with what is left of their lifetimes, those that would go first coming
    /// first where the eviction knows; under `Sharded` so for each shard, one shard after the other. Keys and values
    /// must be strings or trivially copyable, and neither pointers nor views. What is written is in memory meanwhile.
    /// What `out` reports of errors is the caller's to look at.
    void save(std::ostream& out)
    {
        detail::snapshot_writer<Key, Value> writer;
        tables_.for_each_table([&](table& t) {
            t.for_each([&](key_ref const& k, value_view_type v, std::int64_t left) { writer.add(k, v, left); });
        });
        writer.finish(out);
    }

    /// Puts the entries of a snapshot, in their order, to those that are here, each for what was left of its lifetime
    /// (from then on that is its lifetime where lifetimes slide). It reads to the end of `in`. `errc::corrupt`, and
    /// nothing is changed, for what is not a whole snapshot of a store with such keys and values: strings, or numbers,
    /// enums or objects of the same size.
    status load(std::istream& in)
    {
        detail::snapshot_reader<Key, Value> snapshot{in};
        if (!snapshot.whole()) return errc::corrupt;
        snapshot.for_each([&](auto const& key, auto&& value, lifetime left) {
            auto const hash = tables_.hash(key);
            tables_.change(hash, [&](table& t, auto const& all, auto const& here) {
                return t.put(key, hash, stored(std::forward<decltype(value)>(value)), left, true, all, here);
            });
        });
        return {};
    }

private:
    static constexpr std::size_t keys_of_stage = 16;

    static Memory checked(Memory policy)
    {
        if (!policy.ttl.valid() || policy.ttl.is_default()) {
            throw std::invalid_argument{"Memory.ttl: a lifetime must be positive"};
        }
        if (policy.weigher && policy.max_bytes == 0) {
            throw std::invalid_argument{"Memory.weigher: there is no max_bytes for it"};
        }
        return policy;
    }

    template <class R, class F> BOOST_FORCEINLINE static void with_key(R const& r, std::size_t i, F&& f)
    {
        if constexpr (std::same_as<key_type, bytes>) {
            r.keys[i].joined([&](std::string_view key) STRATA_INLINED { f(key); });
        } else {
            f(r.keys[i]);
        }
    }
    template <class R, class F> static void each(R const& r, F&& f)
    {
        for (std::size_t i = 0; i < r.keys.size(); ++i) {
            with_key(r, i, [&](key_ref const& key) { f(i, key); });
        }
    }
    static void answer(auto const& r, std::size_t i, bool found) { found ? r.sink.hit(i) : r.sink.miss(i); }

    BOOST_FORCEINLINE void get(auto const& r, std::size_t i, key_ref const& key, std::uint64_t hash)
    {
        auto const lend = [&](value_view_type value) STRATA_INLINED { r.sink.hit(i, value); };
        if constexpr (tables::concurrent) {
            if (!tables_.get(key, hash, lend)) r.sink.miss(i);
        } else {
            if (!tables_.only().get(key, hash, lend)) r.sink.miss(i);
        }
    }

    /// Sixteen keys at a time: their lines of the index are fetched together, then the nodes that these lead to.
    void get_batch(auto const& r)
    {
        table& t = tables_.only();
        std::array<std::uint64_t, keys_of_stage> hashes;
        std::array<slot_number, keys_of_stage> slots;
        for (std::size_t first = 0; first < r.keys.size(); first += keys_of_stage) {
            auto const count = std::min(keys_of_stage, r.keys.size() - first);
            for (std::size_t i = 0; i < count; ++i) {
                with_key(r, first + i, [&](key_ref const& key) STRATA_INLINED { hashes[i] = t.hash(key); });
                t.prefetch_index(hashes[i]);
            }
            for (std::size_t i = 0; i < count; ++i) slots[i] = t.guess(hashes[i]);
            for (std::size_t i = 0; i < count; ++i) {
                if (slots[i] == no_slot) [[unlikely]] slots[i] = t.guess_further(hashes[i]);
            }
            for (std::size_t i = 0; i < count; ++i) {
                with_key(r, first + i, [&](key_ref const& key) STRATA_INLINED {
                    auto const lend = [&](value_view_type value) STRATA_INLINED { r.sink.hit(first + i, value); };
                    if (!t.get_guessed(slots[i], key, hashes[i], lend)) r.sink.miss(first + i);
                });
            }
        }
    }

    /// A value in the form in which the table takes it and functions see it: a view of bytes, which it copies, else a
    /// `Value`, which it copies or moves.
    template <class V> static decltype(auto) stored(V&& value)
    {
        using given = std::remove_cvref_t<V>;
        if constexpr (std::same_as<detail::memory_nodes<Key, Value>, detail::packed_nodes>) {
            return std::string_view{value};
        } else if constexpr (std::same_as<given, Value> || std::same_as<Value, std::string>) {
            return std::forward<V>(value);
        } else if constexpr (std::same_as<Value, std::any> && std::same_as<given, std::string_view>) {
            return Value(std::string{value}); // what it is a view of may go
        } else {
            return Value(std::forward<V>(value));
        }
    }

    BOOST_FORCEINLINE void put(auto const& r, std::size_t i, key_ref const& key, std::uint64_t hash, bool replace)
    {
        r.source(i, [&](auto&& value) STRATA_INLINED {
            using result = typename table::put_result;
            auto const done = tables_.change(hash, [&](table& t, auto const& all, auto const& here) STRATA_INLINED {
                return t.put(key, hash, stored(std::forward<decltype(value)>(value)), r.ttl, replace, all, here);
            });
            if (done == result::stored) [[likely]] return r.sink.hit(i);
            r.sink.fail(i, refusal(done));
        });
    }
    [[nodiscard]] BOOST_NOINLINE static failure refusal(typename table::put_result why) noexcept
    {
        using result = typename table::put_result;
        if (why == result::not_a_lifetime) return std::errc::invalid_argument;
        return why == result::exists ? errc::exists : errc::too_large;
    }

    std::shared_ptr<Memory const> policy_;
    tables tables_;
};

} // namespace strata
