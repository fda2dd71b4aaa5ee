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

/// Runs `steps` random operations. `Model` has inserted(entry), used(slot), removed(slot) and evict() → slot.
template <class Eviction, class Model> void agree(Model model, std::size_t capacity, int steps, std::uint64_t seed)
{
    static_assert(strata::eviction<Eviction>);
    typename Eviction::order order;
    strata::detail::random_bits random{seed};
    std::vector<entry> entries;
    std::vector<slot_number> free;
    for (std::size_t i = capacity; i-- > 0;) free.push_back(static_cast<slot_number>(i));
    auto const forget = [&](slot_number slot) {
        auto const at = std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return e.slot == slot; });
        BOOST_REQUIRE(at != entries.end());
        entries.erase(at);
        free.push_back(slot);
    };
    auto const hash_of = [&](slot_number slot) {
        return std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return e.slot == slot; })->hash;
    };

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
                forget(slot);
            } else {
                order.used(there->slot, hash);
                model.used(there->slot);
            }
            continue;
        }
        order.reserve(capacity);
        if (free.empty()) {
            auto const slot = order.evict(hash_of);
            auto const expected = model.evict();
            BOOST_REQUIRE_EQUAL(slot, expected);
            forget(slot);
        }
        entry const fresh{free.back(), hash};
        free.pop_back();
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
