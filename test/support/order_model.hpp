#pragma once

#include <boost/test/unit_test.hpp>

#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/eviction.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

/// Random operations on the order of an eviction and on a slow model of it, which must choose the same entries.
namespace model {

using strata::slot_number;

/// What a model may know of an entry.
struct entry {
    slot_number slot;
    std::uint64_t hash;
    unsigned uses = 0;
};

[[nodiscard]] inline std::uint64_t hash_of_key(std::uint64_t key)
{
    return strata::detail::random_bits{key}();
}

/// Slots of removed entries that an order may keep of so many living ones.
[[nodiscard]] constexpr std::size_t kept_at_most(std::size_t entries) { return entries / 8 + 32; }

/// Calls `f` with the slots that may be used again after the entry at `slot` was removed, or has been evicted.
template <class Order, class F> void end_of_entry(Order& order, slot_number slot, bool evicted, F&& f)
{
    if constexpr (strata::detail::gives_back<Order>) {
        order.give_back(f);
        if (evicted) f(slot);
    } else {
        f(slot);
    }
}

/// Runs `steps` random operations. `Model` has inserted(entry), used(slot), removed(slot) and evict() → slot.
template <class Eviction, class Model> void agree(Model model, std::size_t capacity, int steps, std::uint64_t seed)
{
    static_assert(strata::eviction<Eviction>);
    typename Eviction::order order;
    strata::detail::random_bits random{seed};
    std::vector<entry> entries;
    std::vector<slot_number> free;
    std::size_t slots = 0;
    auto const take_slot = [&] {
        if (free.empty()) free.push_back(static_cast<slot_number>(slots++));
        auto const slot = free.back();
        free.pop_back();
        return slot;
    };
    auto const there_at = [&](slot_number slot) {
        return std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return e.slot == slot; });
    };
    auto const forget = [&](slot_number slot, bool evicted) {
        BOOST_REQUIRE(there_at(slot) != entries.end());
        entries.erase(there_at(slot));
        end_of_entry(order, slot, evicted, [&](slot_number s) {
            BOOST_REQUIRE(there_at(s) == entries.end());
            BOOST_REQUIRE(std::find(free.begin(), free.end(), s) == free.end());
            free.push_back(s);
        });
        BOOST_REQUIRE_LE(slots - entries.size() - free.size(), kept_at_most(capacity));
    };
    auto const hash_of = [&](slot_number slot) { return there_at(slot)->hash; };

    for (int step = 0; step < steps; ++step) {
        auto const skewed = random.below(random.below(4 * capacity) + 1);
        auto const hash = hash_of_key(skewed);
        auto const there =
            std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return e.hash == hash; });
        if (there != entries.end()) {
            if (random.below(50) == 0) {
                auto const slot = there->slot;
                order.removed(slot);
                model.removed(slot);
                forget(slot, false);
            } else {
                order.used(there->slot, hash);
                model.used(there->slot);
            }
            continue;
        }
        if (entries.size() == capacity) {
            auto const slot = order.evict(hash_of);
            auto const expected = model.evict();
            BOOST_REQUIRE_EQUAL(slot, expected);
            forget(slot, true);
        }
        entry const fresh{take_slot(), hash};
        order.reserve(std::max(slots, capacity));
        order.inserted(fresh.slot, hash);
        model.inserted(fresh);
        entries.push_back(fresh);
    }
}

/// For small caches, where the corners are, and one that is not.
template <class Eviction, class Model> void agree_everywhere()
{
    for (std::size_t const capacity : {1u, 2u, 3u, 10u, 64u, 300u}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) agree<Eviction>(Model{}, capacity, 20000, seed);
    }
}

/// A queue that is searched from one end to the other.
class queue {
public:
    void push(entry const& e) { entries_.push_back(e); }
    [[nodiscard]] entry* find(slot_number slot)
    {
        auto const at = position(slot);
        return at == entries_.end() ? nullptr : &*at;
    }
    entry take(slot_number slot)
    {
        auto const at = position(slot);
        entry const taken = *at;
        entries_.erase(at);
        return taken;
    }
    entry pop() { return take(entries_.front().slot); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] entry& operator[](std::size_t i) { return entries_[i]; }

private:
    [[nodiscard]] std::vector<entry>::iterator position(slot_number slot)
    {
        return std::find_if(entries_.begin(), entries_.end(), [&](entry const& e) { return e.slot == slot; });
    }

    std::vector<entry> entries_;
};

} // namespace model
