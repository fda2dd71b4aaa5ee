#pragma once

#include <strata/core/key.hpp>
#include <strata/store/detail/memory_row.hpp>
#include <strata/store/detail/memory_sizes.hpp>
#include <strata/store/detail/memory_slab.hpp>
#include <strata/store/key_hash.hpp>

#include <boost/config.hpp>

#include <algorithm>
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

/// Can be found in a `Memory`, by itself or by its view.
template <class Key>
concept memory_key = requires(Key const& key, view_of_key_t<Key> const& asked, hash_seed const& seed) {
    { key == asked } -> std::convertible_to<bool>;
    { key_hash<view_of_key_t<Key>>{}(asked, seed) } -> std::convertible_to<std::uint64_t>;
};

/// Objects, side by side in one place.
template <class Key, class Value> class typed_nodes {
public:
    using key_ref = std::conditional_t<std::same_as<Key, view_of_key_t<Key>>, Key const&, view_of_key_t<Key>>;
    using value_ref = std::conditional_t<std::same_as<Value, std::string>, std::string_view, Value const&>;

    static constexpr std::size_t max_bytes = SIZE_MAX;

    void expect(std::size_t entries) noexcept { slab_.expect(entries); }
    void limit(std::size_t entries, std::size_t bytes) noexcept { slab_.limit(entries, bytes); }

    /// Where an entry lies, found once for its key and its value. Good until the next `take`.
    [[nodiscard]] auto place(slot_number slot) const noexcept { return &at(slot); }
    [[nodiscard]] static bool has_key(auto const* place, key_ref const& key) { return place->key == key; }
    [[nodiscard]] static value_ref value(auto const* place, key_ref const&) noexcept { return place->value; }

    [[nodiscard]] key_ref key(slot_number slot) const noexcept { return at(slot).key; }
    [[nodiscard]] value_ref value(slot_number slot) const noexcept { return at(slot).value; }
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { slab_.prefetch(slot); }

    /// A slot for `construct`, to be given back by `release` if nothing is constructed there, or when that has ended.
    template <class V> [[nodiscard]] slot_number take(key_ref const&, V const&) { return slab_.take(sizeof(node)); }
    void release(slot_number slot) noexcept { slab_.release(slot); }
    /// The same where `empty` is a slot that was taken and can be had instead; it is released if another one is better.
    template <class V> [[nodiscard]] slot_number take(key_ref const&, V const&, slot_number empty) noexcept
    {
        return empty;
    }

    template <class V> void construct(slot_number slot, key_ref const& key, V&& value)
    {
        ::new (static_cast<void*>(slab_[slot])) node{Key(key), Value(std::forward<V>(value))};
    }
    /// What `assign` puts in the place of the value at `slot`, which stays until then.
    template <class V> [[nodiscard]] Value successor(slot_number, V&& value) { return Value(std::forward<V>(value)); }
    void assign(slot_number slot, Value&& fresh) noexcept(assigns_without_throwing)
    {
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

    static constexpr bool assigns_without_throwing =
        std::is_nothrow_move_assignable_v<Value> || !std::is_move_assignable_v<Value>;
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
    void limit(std::size_t entries, std::size_t bytes) noexcept { slab_.limit(entries, bytes); }

    /// Both lengths, and whether the bytes lie elsewhere with a pointer to them in their place: beside the length of
    /// the key, so that one comparison tells that a key may be the one looked for and lies here.
    class header {
    public:
        header() = default;
        header(std::size_t key, std::size_t value, bool spilled) noexcept
            : key_{static_cast<std::uint32_t>(key) | (spilled ? elsewhere : 0)}
            , value_{static_cast<std::uint32_t>(value)}
        {
        }
        [[nodiscard]] std::size_t key() const noexcept { return key_ & ~elsewhere; }
        [[nodiscard]] std::size_t value() const noexcept { return value_; }
        [[nodiscard]] std::size_t both() const noexcept { return key() + value(); }
        [[nodiscard]] bool spilled() const noexcept { return (key_ & elsewhere) != 0; }

        [[nodiscard]] bool has_here(std::size_t key) const noexcept { return key_ == key; }
        [[nodiscard]] bool has_elsewhere(std::size_t key) const noexcept { return key_ == (key | elsewhere); }

    private:
        static constexpr std::uint32_t elsewhere = std::uint32_t{1} << 31;

        std::uint32_t key_ = 0;
        std::uint32_t value_ = 0;
    };
    struct free_bytes {
        void operator()(std::byte* bytes) const noexcept { ::operator delete(bytes); }
    };
    /// Where an entry lies, found once for its key and its value. Good until the next `take`, `assign` or `destroy`.
    [[nodiscard]] BOOST_FORCEINLINE std::byte const* place(slot_number slot) const noexcept
    {
        slab_.prefetch_end(slot); // where the value ends is known when its length is, which comes from another line
        return slab_[slot];
    }
    [[nodiscard]] static bool has_key(std::byte const* place, std::string_view key) noexcept
    {
        auto const sizes = sizes_at(place);
        if (sizes.has_here(key.size())) {
            return equal_bytes(reinterpret_cast<char const*>(place + sizeof(header)), key.data(), key.size());
        }
        return sizes.has_elsewhere(key.size()) && std::memcmp(pointer(place), key.data(), key.size()) == 0;
    }
    /// The value behind a key that is known to be this one: so it can be fetched before the lengths are.
    [[nodiscard]] static std::string_view value(std::byte const* place, std::string_view key) noexcept
    {
        auto const sizes = sizes_at(place);
        return {bytes_at(place, sizes) + key.size(), sizes.value()};
    }

    [[nodiscard]] std::string_view key(slot_number slot) const noexcept
    {
        auto const* const at = slab_[slot];
        auto const sizes = sizes_at(at);
        return {bytes_at(at, sizes), sizes.key()};
    }
    [[nodiscard]] std::string_view value(slot_number slot) const noexcept { return value(slab_[slot], key(slot)); }
    BOOST_FORCEINLINE void prefetch(slot_number slot) const noexcept { slab_.prefetch(slot); }

    [[nodiscard]] slot_number take(std::string_view key, std::string_view value)
    {
        return slab_.take(size_of(key, value));
    }
    void release(slot_number slot) noexcept { slab_.release(slot); }
    [[nodiscard]] slot_number take(std::string_view key, std::string_view value, slot_number empty)
    {
        return slab_.take(size_of(key, value), empty);
    }

    void construct(slot_number slot, std::string_view key, std::string_view value)
    {
        std::byte* const place = slab_[slot];
        auto const sizes = header_of(key, value, size_of(key, value) > slab_.size_of(slot));
        std::byte* to = place + sizeof(header);
        if (sizes.spilled()) [[unlikely]] {
            to = static_cast<std::byte*>(::operator new(sizes.both()));
            std::memcpy(place + sizeof(header), &to, sizeof to);
            spilled_ += sizes.both();
        }
        copy(to, key);
        copy(to + key.size(), value);
        std::memcpy(place, &sizes, sizeof sizes);
    }

    /// What `assign` puts in the place of the value at `slot`, which stays until then.
    struct replacement {
        std::string_view value;
        std::unique_ptr<std::byte, free_bytes> elsewhere; ///< Key and value, where they do not fit in the place.
    };
    /// The value may be larger than the place, and must not be part of the old one.
    [[nodiscard]] replacement successor(slot_number slot, std::string_view value)
    {
        replacement fresh{value, nullptr};
        auto const before = key(slot);
        if (size_of(before, value) > slab_.size_of(slot)) {
            fresh.elsewhere.reset(static_cast<std::byte*>(::operator new(before.size() + value.size())));
            copy(fresh.elsewhere.get(), before);
            copy(fresh.elsewhere.get() + before.size(), value);
        }
        return fresh;
    }
    void assign(slot_number slot, replacement&& fresh) noexcept
    {
        std::byte* const place = slab_[slot];
        auto const before = sizes_at(place);
        auto const before_bytes = before.spilled() ? pointer(place) : nullptr;
        auto const sizes = header_of(key(slot), fresh.value, fresh.elsewhere != nullptr);
        if (sizes.spilled()) {
            std::byte* const to = fresh.elsewhere.release();
            std::memcpy(place + sizeof(header), &to, sizeof to);
            spilled_ += sizes.both();
        } else {
            if (before.spilled()) copy(place + sizeof(header), key(slot));
            copy(place + sizeof(header) + sizes.key(), fresh.value);
        }
        std::memcpy(place, &sizes, sizeof sizes);
        if (before.spilled()) drop(before_bytes, before);
    }
    void destroy(slot_number slot) noexcept
    {
        if (auto const sizes = sizes_at(slab_[slot]); sizes.spilled()) [[unlikely]] drop(pointer(slab_[slot]), sizes);
    }
    void clear() noexcept { slab_.clear(); }

    [[nodiscard]] std::size_t slots() const noexcept { return slab_.slots(); }
    [[nodiscard]] std::size_t memory() const noexcept { return slab_.memory() + spilled_; }

    [[nodiscard]] static std::size_t size_of(std::string_view key, std::string_view value) noexcept
    {
        return sizeof(header) + key.size() + value.size();
    }

private:
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
    [[nodiscard]] static char const* bytes_at(std::byte const* place, header const& sizes) noexcept
    {
        auto const* bytes = place + sizeof(header);
        if (sizes.spilled()) [[unlikely]] bytes = pointer(place);
        return reinterpret_cast<char const*>(bytes);
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

    [[nodiscard]] static header header_of(std::string_view key, std::string_view value, bool spilled) noexcept
    {
        return {key.size(), value.size(), spilled};
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
