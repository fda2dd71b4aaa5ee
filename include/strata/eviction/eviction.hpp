#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// What an eviction is: the part of a `Memory` that says which entry goes when there is no room.
///
/// An eviction is a struct with a nested class `order` that keeps one record per slot. A slot is the number of the
/// place where the store keeps an entry; numbers are dense and are used again. An `order` can be made without arguments
/// and moved without throwing. The store calls
///
///     reserve(n)             before a slot below n is inserted, and again after the first `evict`; the only call that
///                            may throw (`std::bad_alloc`)
///     inserted(slot, hash)   a new entry lies at `slot`; `hash` is that of its key
///     used(slot, hash)       a `get` found it, or a `put` replaced its value
///     removed(slot)          it was erased or has expired
///     evict(hash_of)         takes the entry that shall go out of the order and returns its slot; there is at least
///                            one; `hash_of(slot)` is the hash of an entry that is still there: a template, as
///                            `evict(auto const& hash_of)`, since its type is the store's
///     clear()                forget everything
///     memory()               bytes that the order has allocated; `const`
///
/// `shared_hits`, a constant, tells that `used` may run in several threads at once (`Sharded` then takes no exclusive
/// lock for a hit). `sparing`, which an order need not have, tells that memory is why it was chosen: the store then
/// fills its index further, for a byte less an entry and some more time. An order may also have `next(n)`, the slot
/// that `evict` would look at after `n` others, where it is known and has an entry, else `no_slot` (what evictions look
/// at is fetched ahead), `prefetch(slot)`, which fetches what `used` will look at, `expect(hash)`, which does so for
/// `inserted` before something is evicted for it, and `for_each(f)`, which calls `f(slot)` for each entry, that which
/// would go first coming first, as far as the order knows; a snapshot then keeps it.
///
/// A user's own eviction is such a struct, given to `Memory` as its third argument:
///
///     struct Newest {                                   // evicts what came last
///         class order {
///         public:
///             static constexpr bool shared_hits = true;
///             void reserve(std::size_t n) { stack_.reserve(n); }
///             void inserted(strata::slot_number slot, std::uint64_t) noexcept { stack_.push_back(slot); }
///             void used(strata::slot_number, std::uint64_t) noexcept {}
///             void removed(strata::slot_number slot) noexcept { std::erase(stack_, slot); }
///             strata::slot_number evict(auto const&) noexcept { … back(), pop_back() … }
///             …
namespace strata {

/// Where a `Memory` keeps an entry.
using slot_number = std::uint32_t;
inline constexpr slot_number no_slot = UINT32_MAX;

namespace detail {

/// Stands for the `hash_of` of the store: an object that is gone after the call, of a type that only the store knows.
struct some_hash_of {
    std::uint64_t operator()(slot_number) const noexcept;
};

} // namespace detail

template <class E>
concept eviction =
    std::default_initializable<typename E::order> && std::movable<typename E::order> &&
    requires(typename E::order& order, typename E::order const& constant, slot_number slot, std::uint64_t hash,
             std::size_t count) {
        typename std::bool_constant<bool{E::order::shared_hits}>;
        order.reserve(count);
        order.inserted(slot, hash);
        order.used(slot, hash);
        order.removed(slot);
        { order.evict(detail::some_hash_of{}) } -> std::same_as<slot_number>;
        order.clear();
        { constant.memory() } -> std::convertible_to<std::size_t>;
    };

namespace detail {

/// It keeps slots of removed entries for a while.
template <class Order>
concept gives_back = requires(Order& order, void (*give_back)(slot_number)) { order.give_back(give_back); };

} // namespace detail
} // namespace strata
