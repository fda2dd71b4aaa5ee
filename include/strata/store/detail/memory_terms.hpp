#pragma once

#include <strata/core/clock.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/eviction/detail/slot_array.hpp>
#include <strata/store/detail/memory_expiry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace strata::detail {

/// What the entries of a `Memory` have beside key and value, as its policy wants it: the ends of their lifetimes and
/// their weights. What no entry has takes no memory.
template <class Policy> class memory_terms {
public:
    explicit memory_terms(std::shared_ptr<Policy const> policy) : policy_{std::move(policy)} {}

    /// The lifetime of an entry that is put with the one that was asked for. A function's may not be valid.
    template <class K, class V> [[nodiscard]] lifetime lifetime_of(K const& key, V const& value, lifetime asked) const
    {
        if (asked.is_default() && policy_->lifetime_of) asked = policy_->lifetime_of(key, value);
        return asked.or_else(policy_->ttl);
    }
    template <class K, class V> [[nodiscard]] std::size_t weigh(K const& key, V const& value, std::size_t size) const
    {
        return policy_->weigher ? policy_->weigher(key, value) : size + Policy::entry_overhead;
    }

    /// Whether any entry may end: if not, nobody need ask a clock.
    [[nodiscard]] bool ends() const noexcept { return expiry_.any(); }
    [[nodiscard]] bool has_end(slot_number slot) noexcept { return expiry_.any() && expiry_.has_end(slot); }
    [[nodiscard]] bool ended(slot_number slot) { return has_end(slot) && expiry_.end(slot) <= now(); }

    /// What the clock shows, to be asked once for several entries. 0 where nothing ends.
    [[nodiscard]] std::int64_t now_if_any_ends() const { return expiry_.any() ? now() : 0; }
    /// Whether the entry has ended by then.
    [[nodiscard]] bool ended(slot_number slot, std::int64_t by)
    {
        return has_end(slot) && expiry_.end(slot) <= by;
    }
    /// Milliseconds that are left to an entry then; negative for one that does not end.
    [[nodiscard]] std::int64_t left(slot_number slot, std::int64_t then)
    {
        if (!has_end(slot)) return -1;
        return std::max<std::int64_t>(expiry_.end(slot) - then, 0);
    }
    /// The next of all slots in turn. Only where `ends`.
    [[nodiscard]] slot_number next() noexcept { return expiry_.next(); }

    /// Gives an entry its lifetime anew where lifetimes slide. Several threads may do so at once.
    void slide(slot_number slot)
    {
        if (policy_->sliding && expiry_.has_end(slot)) expiry_.renew(slot, end_of(now(), spans_[slot]));
    }

    /// Makes room for all of these slots if such a lifetime or weight needs it.
    void reserve(std::size_t slots, lifetime ttl, std::size_t weight)
    {
        if (!ttl.is_forever() || expiry_.any()) {
            if (policy_->sliding) spans_.reserve(slots);
            expiry_.reserve(slots);
        }
        if (weight != 0) weights_.reserve(slots);
    }
    /// The lifetime begins at `at`, a time of `now_if_any_ends`. Only after `reserve`, as the next two.
    void set(slot_number slot, lifetime ttl, std::size_t weight, std::int64_t at)
    {
        set_end(slot, ttl, at);
        set_weight(slot, weight);
    }
    void set_end(slot_number slot, lifetime ttl, std::int64_t at)
    {
        if (!expiry_.any()) return;
        if (ttl.is_forever()) return expiry_.forget(slot);
        expiry_.set(slot, end_of(at, ttl.count()), at);
        if (policy_->sliding) spans_[slot] = ttl.count();
    }
    void set_weight(slot_number slot, std::size_t weight) noexcept
    {
        if (slot >= weights_.size()) return;
        weight_ += weight - weights_[slot];
        weights_[slot] = static_cast<std::uint32_t>(weight);
    }
    /// Returns when it would have ended.
    std::int64_t forget(slot_number slot) noexcept
    {
        auto const end = has_end(slot) ? expiry_.end(slot) : memory_expiry::never;
        expiry_.forget(slot);
        set_weight(slot, 0);
        return end;
    }
    void clear() noexcept
    {
        expiry_.clear();
        spans_.clear();
        weights_.clear();
        weight_ = 0;
    }

    /// What all weigh together.
    [[nodiscard]] std::size_t weight() const noexcept { return weight_; }
    [[nodiscard]] std::size_t memory() const noexcept { return expiry_.memory() + spans_.memory() + weights_.memory(); }

private:
    [[nodiscard]] std::int64_t now() const { return policy_->clock ? policy_->clock() : steady_milliseconds(); }
    [[nodiscard]] static std::int64_t end_of(std::int64_t at, std::int64_t span) noexcept
    {
        return span > memory_expiry::never - std::max<std::int64_t>(at, 0) ? memory_expiry::never : at + span;
    }

    std::shared_ptr<Policy const> policy_;
    memory_expiry expiry_;
    slot_array<std::int64_t> spans_; ///< The lifetime of each entry, where lifetimes slide.
    slot_array<std::uint32_t> weights_;
    std::size_t weight_ = 0;
};

} // namespace strata::detail
