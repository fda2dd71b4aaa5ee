#pragma once

#include <strata/eviction/detail/growing_memory.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/store/detail/memory_index.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bench {

/// Entries as they lie in a `Memory` with its default eviction, found by hand: all sizes are constants, no entry has a
/// lifetime or lies elsewhere, and an entry that is not where it belongs is not found. What a hit costs here, it costs
/// with this layout.
template <std::size_t KeySize, std::size_t ValueSize> class bare_entries {
public:
    explicit bare_entries(std::size_t entries) : index_{entries * 8 / (5 * 15) + 1}
    {
        places_.grow(entries * size);
        uses_.grow(entries);
        std::memset(uses_.data(), 255, entries);
    }

    void insert(std::uint64_t hash, strata::slot_number slot, void const* key, void const* value) noexcept
    {
        std::uint32_t const both[] = {KeySize, ValueSize};
        std::memcpy(place(slot), both, sizes);
        std::memcpy(place(slot) + sizes, key, KeySize);
        std::memcpy(place(slot) + sizes + KeySize, value, ValueSize);
        index_.insert(hash, slot);
    }

    /// The bytes of the value, or null.
    [[nodiscard]] std::byte const* find(std::uint64_t hash, void const* key) const noexcept
    {
        auto const& bucket = index_.home(hash);
        for (auto found = bucket.match(bucket.tag_of(hash)); found != 0; found &= found - 1) {
            auto const slot = bucket.slot(bucket.first_of(found));
            if (std::memcmp(place(slot) + sizes, key, KeySize) != 0) [[unlikely]] continue;
            if (uses_.data()[slot] == std::byte{}) [[unlikely]] uses_.data()[slot] = std::byte{255};
            return place(slot) + sizes + KeySize;
        }
        return nullptr;
    }

    /// For a batch, in two stages: the line of the index, then what it leads to.
    void prefetch_index(std::uint64_t hash) const noexcept { __builtin_prefetch(&index_.home(hash)); }
    void prefetch(std::uint64_t hash) const noexcept
    {
        static_cast<void>(index_.guess(hash, [this](strata::slot_number slot) {
            __builtin_prefetch(place(slot));
            __builtin_prefetch(uses_.data() + slot);
        }));
    }

    /// The same by the sizes that stand in the entry, as where they may differ.
    [[nodiscard]] std::string_view find_sized(std::uint64_t hash, std::string_view key) const noexcept
    {
        auto const& bucket = index_.home(hash);
        for (auto found = bucket.match(bucket.tag_of(hash)); found != 0; found &= found - 1) {
            auto const slot = bucket.slot(bucket.first_of(found));
            auto const* const at = reinterpret_cast<char const*>(place(slot));
            std::uint32_t both[2];
            std::memcpy(both, at, sizes);
            if (std::string_view{at + sizes, both[0]} != key) [[unlikely]] continue;
            if (uses_.data()[slot] == std::byte{}) [[unlikely]] uses_.data()[slot] = std::byte{255};
            return {at + sizes + both[0], both[1]};
        }
        return {};
    }

    /// The bytes of the value at a slot that is known. The lines of the index and of the eviction are read as well, and
    /// what comes of them is added to `sum`; none is waited for to know the place of another.
    [[nodiscard]] std::byte const* read(std::uint64_t hash, strata::slot_number slot, std::uint64_t& sum) const noexcept
    {
        auto const& bucket = index_.home(hash);
        sum += bucket.match(bucket.tag_of(hash)) + static_cast<std::uint64_t>(uses_.data()[slot]);
        return place(slot) + sizes + KeySize;
    }

private:
    static constexpr std::size_t sizes = KeySize == sizeof(std::uint64_t) ? 0 : 8; ///< Bytes with the sizes of strings.
    static constexpr std::size_t size = sizes + KeySize + ValueSize;

    [[nodiscard]] std::byte* place(strata::slot_number slot) const noexcept
    {
        return places_.data() + std::size_t{slot} * size;
    }

    strata::detail::bucket_table<3> index_;
    strata::detail::growing_memory places_;
    strata::detail::growing_memory uses_;
};

} // namespace bench
