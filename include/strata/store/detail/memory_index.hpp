#pragma once

#include <strata/eviction/detail/zeroed_array.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/store/key_hash.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// Twelve slots in one cache line, with a byte of the hash for each. An entry that finds its bucket full goes to the next
/// with room; those that it passes count it, so that a search knows where to end.
struct alignas(64) index_bucket {
    static constexpr unsigned places = 12;

    std::uint8_t tags[places]; ///< 0: empty.
    std::uint32_t passed;      ///< Entries that belong here or before and lie behind.
    slot_number slots[places];

    /// One bit for each place with this tag, which comes four times in a word.
    [[nodiscard]] unsigned match(std::uint32_t tag) const noexcept
    {
#if defined(__SSE2__)
        auto const line = _mm_load_si128(reinterpret_cast<__m128i const*>(this));
        auto const same = _mm_cmpeq_epi8(line, _mm_set1_epi32(static_cast<int>(tag)));
        return static_cast<unsigned>(_mm_movemask_epi8(same)) & ((1u << places) - 1);
#else
        unsigned bits = 0;
        for (unsigned i = 0; i < places; ++i) bits |= static_cast<unsigned>(tags[i] == (tag & 255)) << i;
        return bits;
#endif
    }

    /// The tag of a hash, four times: the lowest byte, but never 0. A look-up is a few instructions less than a choice.
    [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) noexcept
    {
        static constexpr auto tags_of_bytes = [] {
            std::array<std::uint32_t, 256> all{};
            for (std::uint32_t byte = 0; byte < 256; ++byte) all[byte] = std::max(byte, 1u) * 0x01010101u;
            return all;
        }();
        return tags_of_bytes[hash & 255];
    }
};
static_assert(sizeof(index_bucket) == 64);

/// An array of buckets: open addressing from bucket to bucket. It neither knows keys nor allocates once it is made.
class bucket_table {
public:
    bucket_table() noexcept = default;
    explicit bucket_table(std::size_t buckets) : buckets_{buckets}, first_{buckets_.data()}, count_{buckets} {}
    bucket_table(bucket_table&& other) noexcept
        : buckets_{std::move(other.buckets_)}
        , first_{std::exchange(other.first_, &nothing)}
        , count_{std::exchange(other.count_, 1)}
    {
    }
    bucket_table& operator=(bucket_table&& other) noexcept
    {
        buckets_ = std::move(other.buckets_);
        first_ = std::exchange(other.first_, &nothing);
        count_ = std::exchange(other.count_, 1);
        return *this;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] index_bucket& operator[](std::size_t bucket) noexcept { return first_[bucket]; }
    [[nodiscard]] index_bucket const& home(std::uint64_t hash) const noexcept { return first_[home_of(hash)]; }

    template <class Equal> [[nodiscard]] slot_number find(std::uint64_t hash, Equal&& equal) const
    {
        auto const tag = index_bucket::tag_of(hash);
        auto const home = home_of(hash);
        std::size_t at = home;
        do {
            index_bucket const& bucket = first_[at];
            for (unsigned places = bucket.match(tag); places != 0; places &= places - 1) {
                auto const slot = bucket.slots[static_cast<unsigned>(std::countr_zero(places))];
                if (equal(slot)) return slot;
            }
            if (bucket.passed == 0) return no_slot;
            at = next(at);
        } while (at != home); // in a small table it may be that every bucket was passed by some entry
        return no_slot;
    }

    /// Only where there is room.
    void insert(std::uint64_t hash, slot_number slot) noexcept
    {
        for (std::size_t at = home_of(hash);; at = next(at)) {
            index_bucket& bucket = first_[at];
            if (unsigned const empty = bucket.match(0); empty != 0) {
                auto const place = std::countr_zero(empty);
                bucket.tags[place] = static_cast<std::uint8_t>(index_bucket::tag_of(hash));
                bucket.slots[place] = slot;
                return;
            }
            ++bucket.passed;
        }
    }

    /// Removes `slot`; tells whether it was there.
    bool erase(std::uint64_t hash, slot_number slot) noexcept
    {
        auto const tag = index_bucket::tag_of(hash);
        auto const home = home_of(hash);
        std::size_t at = home;
        do {
            index_bucket& bucket = first_[at];
            for (unsigned places = bucket.match(tag); places != 0; places &= places - 1) {
                auto const place = std::countr_zero(places);
                if (bucket.slots[place] != slot) continue;
                bucket.tags[place] = 0;
                for (std::size_t before = home; before != at; before = next(before)) --first_[before].passed;
                return true;
            }
            if (bucket.passed == 0) return false;
            at = next(at);
        } while (at != home);
        return false;
    }

    template <class F> void for_each(F&& f) const
    {
        for (std::size_t at = 0; at < buckets_.size(); ++at) for_each_in(at, f);
    }
    template <class F> void for_each_in(std::size_t at, F&& f) const
    {
        for (unsigned place = 0; place < index_bucket::places; ++place) {
            if (first_[at].tags[place] != 0) f(first_[at].slots[place]);
        }
    }

    [[nodiscard]] std::size_t memory() const noexcept { return buckets_.memory(); }

private:
    [[nodiscard]] std::size_t home_of(std::uint64_t hash) const noexcept
    {
        return static_cast<std::size_t>(static_cast<wide_product>(hash) * count_ >> 64);
    }
    [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return at + 1 == count_ ? 0 : at + 1; }

    inline static index_bucket nothing{}; ///< What a table without memory searches, and nobody writes.

    zeroed_array<index_bucket> buckets_;
    index_bucket* first_ = &nothing;
    std::size_t count_ = 1;
};

/// The slots of entries by the hash of their key. It grows step by step: while entries move from the old table to the
/// new one, a few with each insertion, both are searched.
class memory_index {
public:
    /// Entries for which the index will be sized in the end; 0: unknown.
    void expect(std::size_t entries) noexcept { expected_ = entries; }

    /// The slot of those with this hash that `equal` takes. Nearly all lie where they belong, and only there it is looked for
    /// at once; where there may be more to search it is left to `further()`, which calls `find_further` and is not inlined.
    template <class Equal, class Further>
    [[nodiscard]] BOOST_FORCEINLINE slot_number find(std::uint64_t hash, Equal&& equal, Further&& further) const
    {
        index_bucket const& bucket = table_.home(hash);
        for (unsigned places = bucket.match(index_bucket::tag_of(hash)); places != 0; places &= places - 1) {
            auto const slot = bucket.slots[static_cast<unsigned>(std::countr_zero(places))];
            if (equal(slot)) [[likely]] {
                if (slot == no_slot) BOOST_UNREACHABLE_RETURN(no_slot)
                return slot;
            }
        }
        if (bucket.passed == 0 && !moving()) [[likely]] return no_slot;
        return further();
    }
    template <class Equal> [[nodiscard]] slot_number find_further(std::uint64_t hash, Equal&& equal) const
    {
        auto const slot = table_.find(hash, equal);
        if (slot != no_slot || !moving()) return slot;
        return old_.find(hash, equal);
    }

    /// The slot that `find` would look at first, or `no_slot`: to be fetched ahead.
    [[nodiscard]] BOOST_FORCEINLINE slot_number guess(std::uint64_t hash) const noexcept
    {
        index_bucket const& bucket = table_.home(hash);
        auto const places = bucket.match(index_bucket::tag_of(hash));
        if (places == 0) [[unlikely]] return no_slot;
        return bucket.slots[static_cast<unsigned>(std::countr_zero(places))];
    }
    BOOST_FORCEINLINE void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&table_.home(hash)); }

    /// Makes room for one entry more. What is there stays, also when it throws `std::bad_alloc`.
    template <class HashOf> void reserve_one(HashOf&& hash_of)
    {
        if (size_ >= room_) grow(hash_of);
    }

    /// Only after `reserve_one`.
    template <class HashOf> void insert(std::uint64_t hash, slot_number slot, HashOf&& hash_of) noexcept
    {
        table_.insert(hash, slot);
        ++size_;
        if (moving()) [[unlikely]] move(buckets_of_step, hash_of);
    }
    void erase(std::uint64_t hash, slot_number slot) noexcept
    {
        if (!table_.erase(hash, slot) && moving()) old_.erase(hash, slot);
        --size_;
    }

    template <class F> void for_each(F&& f) const
    {
        table_.for_each(f);
        if (moving()) old_.for_each(f);
    }

    void clear() noexcept
    {
        table_ = bucket_table{};
        old_ = bucket_table{};
        size_ = room_ = 0;
        next_ = 0;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept { return table_.memory() + old_.memory(); }

private:
    static constexpr std::size_t buckets_of_step = 4;

    /// Seven tenths full: one search in forty goes on to a second bucket. At four fifths that would be one in twelve, at
    /// which processors guess wrong, for one byte less an entry.
    [[nodiscard]] static std::size_t buckets_for(std::size_t entries) noexcept { return entries * 10 / 84 + 1; }
    [[nodiscard]] static std::size_t room_in(std::size_t buckets) noexcept { return buckets * 84 / 10; }

    [[nodiscard]] bool moving() const noexcept { return next_ != 0; }

    template <class HashOf> void grow(HashOf&& hash_of)
    {
        if (moving()) move(old_.count(), hash_of);
        auto buckets = table_.memory() == 0 ? 1 : table_.count() * 2;
        if (auto const all = buckets_for(expected_); expected_ > size_) {
            // Halves of the final size, rounded up, so that the last step ends there.
            unsigned steps = 0;
            while (all >> (steps + 1) >= buckets) ++steps;
            buckets = (all >> steps) + 1;
        }
        bucket_table bigger{buckets};
        if (size_ > 0) {
            old_ = std::move(table_);
            next_ = old_.count();
        }
        table_ = std::move(bigger);
        room_ = room_in(buckets);
    }

    /// Moves what lies in the last `buckets` buckets of the old table that are still to do.
    template <class HashOf> void move(std::size_t buckets, HashOf&& hash_of) noexcept
    {
        for (; buckets > 0 && next_ > 0; --buckets) {
            old_.for_each_in(next_ - 1, [&](slot_number slot) {
                auto const hash = hash_of(slot);
                old_.erase(hash, slot);
                table_.insert(hash, slot);
            });
            --next_;
        }
        if (next_ == 0) old_ = bucket_table{};
    }

    bucket_table table_;
    bucket_table old_;
    std::size_t next_ = 0; ///< Buckets of the old table that are still to be moved.
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    std::size_t expected_ = 0;
};

} // namespace strata::detail
