#pragma once

#include <strata/core/key.hpp>
#include <strata/store/detail/memory_row.hpp>
#include <strata/store/detail/memory_sizes.hpp>
#include <strata/store/detail/memory_slab.hpp>
#include <strata/store/key_hash.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <any>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// The entries of a `Memory`: key and value at a slot. The key stands here and nowhere else.
namespace strata::detail {

/// Objects, side by side in one place.
template <class Key, class Value> class typed_nodes {
public:
    using key_ref = std::conditional_t<std::same_as<Key, view_of_key_t<Key>>, Key const&, view_of_key_t<Key>>;
    using value_ref = std::conditional_t<std::same_as<Value, std::string>, std::string_view, Value const&>;

    static constexpr std::size_t max_bytes = SIZE_MAX;

    void expect(std::size_t entries) noexcept { slab_.expect(entries); }
    void limit(std::size_t entries) noexcept { slab_.limit(entries); }

    /// Where an entry lies, found once for its key and its value. Good until the next `take`.
    [[nodiscard]] auto place(slot_number slot) const noexcept { return &at(slot); }
    [[nodiscard]] static bool has_key(auto const* place, key_ref const& key) { return place->key == key; }
    [[nodiscard]] static value_ref value(auto const* place) noexcept { return place->value; }

    [[nodiscard]] key_ref key(slot_number slot) const noexcept { return at(slot).key; }
    [[nodiscard]] value_ref value(slot_number slot) const noexcept { return at(slot).value; }
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { slab_.prefetch(slot); }

    /// A slot for `construct`, which gives it back by `release` if nothing is constructed there, or when that has ended.
    template <class V> [[nodiscard]] slot_number take(key_ref const&, V const&) { return slab_.take(sizeof(node)); }
    void release(slot_number slot) noexcept { slab_.release(slot); }

    template <class V> void construct(slot_number slot, key_ref const& key, V&& value)
    {
        ::new (static_cast<void*>(slab_[slot])) node{Key(key), made(std::forward<V>(value))};
    }
    template <class V> void assign(slot_number slot, V&& value)
    {
        Value fresh = made(std::forward<V>(value));
        if constexpr (std::is_move_assignable_v<Value>) {
            at(slot).value = std::move(fresh);
        } else {
            static_assert(std::is_nothrow_move_constructible_v<Value>, "strata: Memory holds values that can be moved");
            std::destroy_at(&at(slot).value);
            std::construct_at(&at(slot).value, std::move(fresh));
        }
    }
    /// Ends an entry; its place is still taken, until `release`.
    void destroy(slot_number slot) noexcept { std::destroy_at(&at(slot)); }
    /// All entries must have been destroyed.
    void clear() noexcept { slab_.clear(); }

    [[nodiscard]] std::size_t slots() const noexcept { return slab_.slots(); }
    [[nodiscard]] std::size_t memory() const noexcept { return slab_.memory(); }

    template <class V> [[nodiscard]] static std::size_t size_of(key_ref const&, V const&) noexcept
    {
        return sizeof(node);
    }

private:
    struct node {
        Key key;
        Value value;
    };

    [[nodiscard]] node& at(slot_number slot) const noexcept
    {
        return *std::launder(reinterpret_cast<node*>(slab_[slot]));
    }

    /// Text for a `std::any` is kept as a string, since what it was a view of may go.
    template <class V> static Value made(V&& value)
    {
        if constexpr (std::same_as<Value, std::any> && std::same_as<std::remove_cvref_t<V>, std::string_view>) {
            return Value(std::string{value});
        } else {
            return Value(std::forward<V>(value));
        }
    }

    static constexpr std::size_t size = std::max(sizeof(node), sizeof(slot_number));
    static constexpr bool may_move =
        std::is_trivially_copyable_v<Key> && std::is_trivially_copyable_v<Value> && alignof(node) <= 64;

    std::conditional_t<may_move, memory_row<size>, memory_slab<alignof(node), size>> slab_;
};

/// Byte strings: two lengths, then the bytes of key and value where they fit in the place, else a pointer to them.
class packed_nodes {
public:
    using key_ref = std::string_view;
    using value_ref = std::string_view;

    static constexpr std::size_t max_bytes = std::numeric_limits<std::int32_t>::max();

    void expect(std::size_t entries) noexcept { slab_.expect(entries); }
    void limit(std::size_t entries) noexcept { slab_.limit(entries); }

    struct header {
        std::uint32_t key;
        std::uint32_t value : 31;
        std::uint32_t spilled : 1; ///< The bytes lie elsewhere, and a pointer to them in their place.
        [[nodiscard]] std::size_t both() const noexcept { return std::size_t{key} + value; }
    };
    /// Where an entry lies, found once for its key and its value. Good until the next `take`, `assign` or `destroy`.
    struct bytes_at {
        header sizes;
        char const* bytes;
    };

    [[nodiscard]] bytes_at place(slot_number slot) const noexcept
    {
        std::byte* const at = slab_[slot];
        header const sizes = sizes_at(at);
        std::byte* bytes = at + sizeof(header);
        if (sizes.spilled) [[unlikely]] bytes = pointer(at);
        return {sizes, reinterpret_cast<char const*>(bytes)};
    }
    [[nodiscard]] static bool has_key(bytes_at const& place, std::string_view key) noexcept
    {
        return place.sizes.key == key.size() && equal_bytes(place.bytes, key.data(), key.size());
    }
    [[nodiscard]] static std::string_view value(bytes_at const& place) noexcept
    {
        return {place.bytes + place.sizes.key, place.sizes.value};
    }

    [[nodiscard]] std::string_view key(slot_number slot) const noexcept
    {
        auto const at = place(slot);
        return {at.bytes, at.sizes.key};
    }
    [[nodiscard]] std::string_view value(slot_number slot) const noexcept { return value(place(slot)); }
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { slab_.prefetch(slot); }

    [[nodiscard]] slot_number take(std::string_view key, std::string_view value)
    {
        return slab_.take(size_of(key, value));
    }
    void release(slot_number slot) noexcept { slab_.release(slot); }

    void construct(slot_number slot, std::string_view key, std::string_view value)
    {
        write(slot, key, value, nullptr);
    }
    /// The new value may be larger than the place, and must not be part of the old one.
    void assign(slot_number slot, std::string_view value)
    {
        auto const sizes = sizes_at(slab_[slot]);
        if (!sizes.spilled && sizeof(header) + sizes.key + value.size() <= slab_.size_of(slot)) {
            copy(slab_[slot] + sizeof(header) + sizes.key, value);
            header const now{sizes.key, static_cast<std::uint32_t>(value.size()) & most, 0};
            std::memcpy(slab_[slot], &now, sizeof now);
            return;
        }
        if (sizes.spilled) {
            write(slot, key(slot), value, pointer(slab_[slot]));
        } else {
            write(slot, std::string{key(slot)}, value, nullptr); // the pointer will stand where the key is
        }
    }
    void destroy(slot_number slot) noexcept
    {
        if (auto const sizes = sizes_at(slab_[slot]); sizes.spilled) [[unlikely]] drop(pointer(slab_[slot]), sizes);
    }
    void clear() noexcept { slab_.clear(); }

    [[nodiscard]] std::size_t slots() const noexcept { return slab_.slots(); }
    [[nodiscard]] std::size_t memory() const noexcept { return slab_.memory() + spilled_; }

    [[nodiscard]] static std::size_t size_of(std::string_view key, std::string_view value) noexcept
    {
        return sizeof(header) + key.size() + value.size();
    }

private:
    static constexpr std::uint32_t most = max_bytes;

    /// Keys are mostly short, and a call for each costs more than the comparison.
    [[nodiscard]] static bool equal_bytes(char const* a, char const* b, std::size_t size) noexcept
    {
        if (size < 8 || size > 32) return std::memcmp(a, b, size) == 0;
        auto const differ = [&](std::size_t at) { return load<std::uint64_t>(a + at) ^ load<std::uint64_t>(b + at); };
        auto difference = differ(0) | differ(size - 8);
        if (size > 16) difference |= differ(8) | differ(size - 16);
        return difference == 0;
    }

    [[nodiscard]] static header sizes_at(std::byte const* place) noexcept
    {
        header sizes;
        std::memcpy(&sizes, place, sizeof sizes);
        return sizes;
    }
    [[nodiscard]] static std::byte* pointer(std::byte const* place) noexcept
    {
        std::byte* elsewhere;
        std::memcpy(&elsewhere, place + sizeof(header), sizeof elsewhere);
        return elsewhere;
    }
    static void copy(std::byte* to, std::string_view from) noexcept
    {
        if (!from.empty()) std::memcpy(to, from.data(), from.size());
    }

    /// Writes an entry; `old` are the bytes that it had elsewhere, of which `key` may be a part.
    void write(slot_number slot, std::string_view key, std::string_view value, std::byte* old)
    {
        std::byte* const place = slab_[slot];
        bool const spills = size_of(key, value) > slab_.size_of(slot);
        header const sizes{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size()) & most, spills};
        header const before = old != nullptr ? sizes_at(place) : header{};
        std::byte* to = place + sizeof(header);
        if (spills) {
            to = static_cast<std::byte*>(::operator new(sizes.both()));
            spilled_ += sizes.both();
        }
        copy(to, key);
        copy(to + key.size(), value);
        std::memcpy(place, &sizes, sizeof sizes);
        if (spills) std::memcpy(place + sizeof(header), &to, sizeof to);
        if (old != nullptr) drop(old, before);
    }
    void drop(std::byte* elsewhere, header sizes) noexcept
    {
        spilled_ -= sizes.both();
        ::operator delete(elsewhere);
    }

    // Eight bytes of lengths, and steps of sixteen while those are a good part of the whole.
    memory_sizes<24, 40, 56, 72, 88, 104, 120, 136, 168, 200, 232, 264> slab_;
    std::size_t spilled_ = 0;
};

template <class Key, class Value>
using memory_nodes = std::conditional_t<std::same_as<Key, std::string> && std::same_as<Value, std::string>,
                                        packed_nodes, typed_nodes<Key, Value>>;

} // namespace strata::detail
