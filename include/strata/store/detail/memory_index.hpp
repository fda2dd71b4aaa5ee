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
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strata::detail {

/// Some slots in one cache line, in numbers of `Width` bytes, with a byte of the hash for each. An entry that finds its
/// bucket full goes to the next with room; those that it passes remember that, so that a search knows where to end.
template <unsigned Width> class alignas(64) index_bucket {
public:
    static constexpr unsigned places = 48 / Width - 1; ///< The last number is no slot.

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

    /// One bit for each place with this tag, which comes four times in a word.
    [[nodiscard]] std::uint32_t match(std::uint32_t tag) const noexcept
    {
#if defined(__SSE2__)
        auto const line = _mm_load_si128(reinterpret_cast<__m128i const*>(bytes_));
        auto const same = _mm_cmpeq_epi8(line, _mm_set1_epi32(static_cast<int>(tag)));
        return static_cast<std::uint32_t>(_mm_movemask_epi8(same));
#else
        std::uint32_t bits = 0;
        for (unsigned i = 0; i < places; ++i) bits |= static_cast<std::uint32_t>(bytes_[i] == (tag & 255)) << i;
        return bits;
#endif
    }

    /// The first of the places that were found.
    [[nodiscard]] static unsigned first_of(std::uint32_t found) noexcept
    {
        return static_cast<unsigned>(std::countr_zero(found));
    }
    [[nodiscard]] std::uint32_t empty() const noexcept { return match(0) & ((1u << places) - 1); }
    [[nodiscard]] bool holds(unsigned place) const noexcept { return bytes_[place] != 0; }

    [[nodiscard]] slot_number slot(unsigned place) const noexcept { return number(place); }
    void set(unsigned place, std::uint32_t tag, slot_number slot) noexcept
    {
        bytes_[place] = static_cast<std::uint8_t>(tag);
        set_number(place, slot);
    }
    void remove(unsigned place) noexcept { bytes_[place] = 0; }

    /// Whether there may be an entry with this hash that belongs here or before, and lies behind.
    [[nodiscard]] bool passed(std::uint64_t hash) const noexcept { return (number(places) >> kind(hash) & most) != 0; }
    void pass(std::uint64_t hash) noexcept
    {
        auto const all = number(places);
        if ((all >> kind(hash) & most) != most) set_number(places, all + (1u << kind(hash)));
    }
    void unpass(std::uint64_t hash) noexcept
    {
        auto const all = number(places);
        if ((all >> kind(hash) & most) != most) set_number(places, all - (1u << kind(hash)));
    }

private:
    // The last number has eight counters of three bits, for eight kinds of hashes, so that few of those that are absent
    // are looked for behind a bucket which others passed. What has come to seven is not known any more, and stays.
    static constexpr std::uint32_t most = 7;
    [[nodiscard]] static unsigned kind(std::uint64_t hash) noexcept { return static_cast<unsigned>(hash >> 8 & 7) * 3; }

    // Read as words of four bytes, of which the ones too many are those in front of the number and are shifted out.
    static constexpr unsigned shift = 32 - 8 * Width;
    static constexpr unsigned ahead = std::endian::native == std::endian::little ? 4 - Width : 0;

    [[nodiscard]] std::uint32_t number(unsigned place) const noexcept
    {
        std::uint32_t word;
        std::memcpy(&word, bytes_ + 16 - ahead + place * Width, sizeof word);
        return word >> shift;
    }
    void set_number(unsigned place, std::uint32_t number) noexcept
    {
        std::uint32_t const word = number << shift;
        std::memcpy(bytes_ + 16 + place * Width, reinterpret_cast<std::uint8_t const*>(&word) + ahead, Width);
    }

    std::uint8_t bytes_[64]; ///< Tags, where 0 is empty and what is no place stays so, then the numbers.
};

/// An array of buckets: open addressing from bucket to bucket. It neither knows keys nor allocates once it is made.
template <unsigned Width> class bucket_table {
public:
    using bucket_type = index_bucket<Width>;

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

    [[nodiscard]] std::size_t count() const noexcept { return buckets_.size(); }
    [[nodiscard]] bucket_type const& home(std::uint64_t hash) const noexcept { return first_[home_of(hash)]; }

    template <class Equal> [[nodiscard]] slot_number find(std::uint64_t hash, Equal&& equal) const
    {
        auto const tag = bucket_type::tag_of(hash);
        auto const home = home_of(hash);
        std::size_t at = home;
        do {
            bucket_type const& bucket = first_[at];
            for (auto places = bucket.match(tag); places != 0; places &= places - 1) {
                auto const slot = bucket.slot(bucket_type::first_of(places));
                if (equal(slot)) return slot;
            }
            if (!bucket.passed(hash)) return no_slot;
            at = next(at);
        } while (at != home); // in a small table it may be that every bucket was passed by some entry
        return no_slot;
    }

    /// The slot that `find` would look at first, or `no_slot`. Calls `fetch(slot)` for each that it may look at in the
    /// bucket; where they may lie behind it, the next bucket is fetched for `guess_further`.
    template <class Fetch> [[nodiscard]] BOOST_FORCEINLINE slot_number guess(std::uint64_t hash, Fetch&& fetch) const
    {
        auto const at = home_of(hash);
        auto const slot = guess_at(at, hash, fetch);
        if (slot == no_slot && first_[at].passed(hash)) [[unlikely]] __builtin_prefetch(&first_[next(at)]);
        return slot;
    }
    template <class Fetch> [[nodiscard]] slot_number guess_further(std::uint64_t hash, Fetch&& fetch) const
    {
        auto const at = home_of(hash);
        return first_[at].passed(hash) ? guess_at(next(at), hash, fetch) : no_slot;
    }

    /// Only where there is room.
    BOOST_FORCEINLINE void insert(std::uint64_t hash, slot_number slot) noexcept
    {
        bucket_type& bucket = first_[home_of(hash)];
        auto const empty = bucket.empty();
        if (empty == 0) [[unlikely]] return insert_further(hash, slot);
        bucket.set(bucket_type::first_of(empty), bucket_type::tag_of(hash), slot);
    }

    /// Removes `slot`; tells whether it was there.
    BOOST_FORCEINLINE bool erase(std::uint64_t hash, slot_number slot) noexcept
    {
        bucket_type& bucket = first_[home_of(hash)];
        for (auto places = bucket.match(bucket_type::tag_of(hash)); places != 0; places &= places - 1) {
            auto const place = bucket_type::first_of(places);
            if (bucket.slot(place) != slot) [[unlikely]] continue;
            bucket.remove(place);
            return true;
        }
        return erase_further(hash, slot);
    }

    template <class F> void for_each(F&& f) const
    {
        for (std::size_t at = 0; at < count(); ++at) for_each_in(at, f);
    }
    template <class F> void for_each_in(std::size_t at, F&& f) const
    {
        for (unsigned place = 0; place < bucket_type::places; ++place) {
            if (first_[at].holds(place)) f(first_[at].slot(place));
        }
    }

    [[nodiscard]] std::size_t memory() const noexcept { return buckets_.memory(); }

private:
    template <class Fetch>
    [[nodiscard]] BOOST_FORCEINLINE slot_number guess_at(std::size_t at, std::uint64_t hash, Fetch&& fetch) const
    {
        bucket_type const& bucket = first_[at];
        auto const places = bucket.match(bucket_type::tag_of(hash));
        if (places == 0) [[unlikely]] return no_slot;
        auto const slot = bucket.slot(bucket_type::first_of(places));
        fetch(slot);
        for (auto more = places & (places - 1); more != 0; more &= more - 1) {
            fetch(bucket.slot(bucket_type::first_of(more)));
        }
        return slot;
    }
    BOOST_NOINLINE void insert_further(std::uint64_t hash, slot_number slot) noexcept
    {
        for (std::size_t at = home_of(hash);; at = next(at)) {
            bucket_type& bucket = first_[at];
            if (auto const empty = bucket.empty(); empty != 0) {
                return bucket.set(bucket_type::first_of(empty), bucket_type::tag_of(hash), slot);
            }
            bucket.pass(hash);
        }
    }

    BOOST_NOINLINE bool erase_further(std::uint64_t hash, slot_number slot) noexcept
    {
        auto const tag = bucket_type::tag_of(hash);
        auto const home = home_of(hash);
        std::size_t at = home;
        do {
            bucket_type& bucket = first_[at];
            for (auto places = bucket.match(tag); places != 0; places &= places - 1) {
                auto const place = bucket_type::first_of(places);
                if (bucket.slot(place) != slot) continue;
                bucket.remove(place);
                for (std::size_t before = home; before != at; before = next(before)) first_[before].unpass(hash);
                return true;
            }
            if (!bucket.passed(hash)) return false;
            at = next(at);
        } while (at != home);
        return false;
    }

    [[nodiscard]] std::size_t home_of(std::uint64_t hash) const noexcept
    {
        return static_cast<std::size_t>(static_cast<wide_product>(hash) * count_ >> 64);
    }
    [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return at + 1 == count_ ? 0 : at + 1; }

    inline static bucket_type nothing{}; ///< What a table without memory searches, and nobody writes.

    zeroed_array<bucket_type> buckets_;
    bucket_type* first_ = &nothing;
    std::size_t count_ = 1;
};

/// An index of buckets of one kind, which grows step by step: while entries move from the old table to the new one, a
/// few with each insertion, both are searched.
template <unsigned Width> class growing_index {
public:
    using bucket_type = index_bucket<Width>;

    /// Entries for which it will be sized in the end; 0: unknown.
    void expect(std::size_t entries) noexcept { expected_ = entries; }
    /// Takes less memory and more time. Only before there are entries.
    void spare() noexcept { eighths_ = dense; }

    [[nodiscard]] bucket_table<Width> const& table() const noexcept { return table_; }

    template <class Equal> [[nodiscard]] slot_number find(std::uint64_t hash, Equal&& equal) const
    {
        auto const slot = table_.find(hash, equal);
        if (slot != no_slot || !moving()) return slot;
        return old_.find(hash, equal);
    }

    /// Makes room for one entry more. What is there stays, also when it throws `std::bad_alloc`.
    template <class HashOf> void reserve_one(HashOf&& hash_of)
    {
        if (size_ >= room_) grow(hash_of);
    }

    /// Only after `reserve_one`.
    template <class HashOf>
    BOOST_FORCEINLINE void insert(std::uint64_t hash, slot_number slot, HashOf&& hash_of) noexcept
    {
        table_.insert(hash, slot);
        ++size_;
        if (moving()) [[unlikely]] move(buckets_of_step, hash_of);
    }
    BOOST_FORCEINLINE void erase(std::uint64_t hash, slot_number slot) noexcept
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
        table_ = bucket_table<Width>{};
        old_ = bucket_table<Width>{};
        size_ = room_ = next_ = 0;
    }

    [[nodiscard]] bool moving() const noexcept { return next_ != 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory() const noexcept { return table_.memory() + old_.memory(); }

private:
    static constexpr std::size_t buckets_of_step = 4;

    // In eighths. Three quarters full, of entries that come one after the other one in forty lies in a second bucket,
    // and one in nine after many have gone and come: then wrong guesses of the processor cost more than the bytes,
    // unless those are what counts. At four fifths it would be one in six.
    static constexpr unsigned roomy = 5;
    static constexpr unsigned dense = 6;

    [[nodiscard]] std::size_t buckets_for(std::size_t entries) const noexcept
    {
        return entries * 8 / (eighths_ * bucket_type::places) + 1;
    }
    [[nodiscard]] std::size_t room_in(std::size_t buckets) const noexcept
    {
        return buckets * eighths_ * bucket_type::places / 8;
    }

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
        // However little was expected more: once this one is full, all must have moved.
        buckets = std::max(buckets, table_.count() + table_.count() / 4 + 1);
        bucket_table<Width> bigger{buckets};
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
        if (next_ == 0) old_ = bucket_table<Width>{};
    }

    bucket_table<Width> table_;
    bucket_table<Width> old_;
    std::size_t next_ = 0; ///< Buckets of the old table that are still to be moved.
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    std::size_t expected_ = 0;
    unsigned eighths_ = roomy; ///< How far it is filled.
};

/// The slots of entries by the hash of their key: those below 2^24, which three bytes hold, in an index that is
/// searched at once, and those beyond in one that is searched after it.
class memory_index {
    using low_bucket = index_bucket<3>;

public:
    static constexpr slot_number high_from = slot_number{1} << 24;

    /// Entries for which the index will be sized in the end; 0: unknown.
    void expect(std::size_t entries) noexcept
    {
        low_.expect(std::min<std::size_t>(entries, high_from));
        high_.expect(std::clamp<std::size_t>(entries, high_from, no_slot) - high_from);
    }

    /// Takes less memory and more time. Only before there are entries.
    void spare() noexcept
    {
        low_.spare();
        high_.spare();
    }

    /// The slot of those with this hash that `equal` takes. Nearly all are the first with their tag where they belong,
    /// and only that one is looked at at once; where there may be more it is left to `further()`, which calls
    /// `find_further` and is not inlined.
    template <class Equal, class Further>
    [[nodiscard]] BOOST_FORCEINLINE slot_number find(std::uint64_t hash, Equal&& equal, Further&& further) const
    {
        low_bucket const& bucket = low_.table().home(hash);
        if (auto const places = bucket.match(low_bucket::tag_of(hash)); places != 0) [[likely]] {
            auto const slot = bucket.slot(low_bucket::first_of(places));
            if (equal(slot)) [[likely]] return slot;
        } else if (!bucket.passed(hash) && !low_.moving() && high_.size() == 0) [[likely]] {
            return no_slot;
        }
        return further();
    }
    template <class Equal> [[nodiscard]] slot_number find_further(std::uint64_t hash, Equal&& equal) const
    {
        auto const slot = low_.find(hash, equal);
        if (slot != no_slot || high_.size() == 0) return slot;
        return high_.find(hash, equal);
    }

    /// The slot that `find` would look at first, or `no_slot`; `fetch(slot)` is called for what it may look at. Where
    /// there is none, `guess_further` looks into the next bucket, which has been fetched by then.
    template <class Fetch> [[nodiscard]] BOOST_FORCEINLINE slot_number guess(std::uint64_t hash, Fetch&& fetch) const
    {
        auto const slot = low_.table().guess(hash, fetch);
        if (slot == no_slot && high_.size() != 0) [[unlikely]] return high_.table().guess(hash, fetch);
        return slot;
    }
    template <class Fetch> [[nodiscard]] slot_number guess_further(std::uint64_t hash, Fetch&& fetch) const
    {
        return low_.table().guess_further(hash, fetch);
    }
    BOOST_FORCEINLINE void prefetch(std::uint64_t hash) const noexcept
    {
        __builtin_prefetch(&low_.table().home(hash));
        if (high_.size() != 0) [[unlikely]] __builtin_prefetch(&high_.table().home(hash));
    }

    /// Makes room for one entry more, at `slot`. What is there stays, also when it throws `std::bad_alloc`.
    template <class HashOf> void reserve_one(slot_number slot, HashOf&& hash_of)
    {
        slot < high_from ? low_.reserve_one(hash_of) : high_.reserve_one(hash_of);
    }

    /// Only after `reserve_one`.
    template <class HashOf>
    BOOST_FORCEINLINE void insert(std::uint64_t hash, slot_number slot, HashOf&& hash_of) noexcept
    {
        if (slot < high_from) [[likely]] return low_.insert(hash, slot, hash_of);
        high_.insert(hash, slot, hash_of);
    }
    BOOST_FORCEINLINE void erase(std::uint64_t hash, slot_number slot) noexcept
    {
        if (slot < high_from) [[likely]] return low_.erase(hash, slot);
        high_.erase(hash, slot);
    }

    template <class F> void for_each(F&& f) const
    {
        low_.for_each(f);
        high_.for_each(f);
    }

    void clear() noexcept
    {
        low_.clear();
        high_.clear();
    }

    [[nodiscard]] std::size_t size() const noexcept { return low_.size() + high_.size(); }
    [[nodiscard]] std::size_t memory() const noexcept { return low_.memory() + high_.memory(); }

private:
    growing_index<3> low_;
    growing_index<4> high_;
};

} // namespace strata::detail
