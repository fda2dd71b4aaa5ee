#define BOOST_TEST_MODULE eviction_slot_queues
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/detail/slot_queues.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <new>
#include <set>
#include <utility>
#include <vector>

using strata::slot_number;
using namespace strata::detail;

namespace {

/// Three queues beside three lists of what lives in them. Slots are used again when they are given back, and only then.
class beside_lists {
public:
    explicit beside_lists(std::uint64_t seed) : random_{seed} {}

    void push()
    {
        if (free_.empty()) free_.push_back(static_cast<slot_number>(slots_++));
        queues_.reserve(slots_);
        push(random_.below(3), free_.back());
        free_.pop_back();
    }
    /// Takes the oldest, which becomes the newest of another queue, or goes.
    void pop(bool goes)
    {
        auto const from = random_.below(3);
        BOOST_REQUIRE_EQUAL(queues_.empty(from), lists_[from].empty());
        if (lists_[from].empty()) return;
        auto const slot = queues_.pop(from);
        BOOST_REQUIRE_EQUAL(slot, lists_[from].front());
        lists_[from].pop_front();
        if (goes) {
            free_.push_back(slot);
        } else {
            push(random_.below(3), slot);
        }
        give_back();
    }
    void remove()
    {
        auto& list = lists_[random_.below(3)];
        if (list.empty()) return;
        // Any, the newest or the oldest: where the corners are.
        auto const at = std::array{random_.below(list.size()), list.size() - 1, std::size_t{0}}[random_.below(3)];
        auto const slot = list[at];
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
        queues_.remove(slot);
        kept_.insert(slot);
        give_back();
    }
    void swap()
    {
        auto const a = random_.below(3);
        auto const b = random_.below(3);
        queues_.swap(a, b);
        if (a != b) std::swap(lists_[a], lists_[b]);
    }
    /// What is told of those behind the oldest: nothing, or one that lives there. Removed ones may be among those
    /// before it.
    void look_ahead() const
    {
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t n = 0; n < 20; ++n) {
                auto const slot = queues_.next(i, n);
                auto const end = lists_[i].begin() + static_cast<std::ptrdiff_t>(std::min(n + 1, lists_[i].size()));
                BOOST_REQUIRE(slot == strata::no_slot || std::find(lists_[i].begin(), end, slot) != end);
            }
        }
    }
    /// Where nothing was removed, of all that are at hand: in the piece of the oldest and the next one.
    void look_ahead_exactly() const
    {
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t n = 0; n < fifo_piece::places; ++n) {
                auto const slot = queues_.next(i, n);
                BOOST_REQUIRE_EQUAL(slot, n < lists_[i].size() ? lists_[i][n] : strata::no_slot);
            }
        }
    }
    void compare() const
    {
        for (std::size_t i = 0; i < 3; ++i) {
            std::vector<slot_number> all;
            queues_.for_each(i, [&](slot_number slot) { all.push_back(slot); });
            BOOST_REQUIRE_EQUAL_COLLECTIONS(all.begin(), all.end(), lists_[i].begin(), lists_[i].end());
        }
        BOOST_REQUIRE_EQUAL(queues_.size(), size());
    }

    [[nodiscard]] std::size_t size() const { return lists_[0].size() + lists_[1].size() + lists_[2].size(); }
    [[nodiscard]] std::size_t kept() const { return kept_.size(); }
    random_bits& random() { return random_; }

private:
    void push(std::size_t queue, slot_number slot)
    {
        queues_.push(queue, slot);
        lists_[queue].push_back(slot);
    }
    void give_back()
    {
        queues_.give_back([&](slot_number slot) {
            BOOST_REQUIRE_EQUAL(kept_.erase(slot), 1U);
            free_.push_back(slot);
        });
    }

    random_bits random_;
    slot_queues<3> queues_;
    std::array<std::deque<slot_number>, 3> lists_;
    std::set<slot_number> kept_;
    std::vector<slot_number> free_;
    std::size_t slots_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(hold_what_lists_hold)
{
    for (std::size_t const most : {1u, 5u, 40u, 300u}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            beside_lists both{seed};
            for (int i = 0; i < 20000; ++i) {
                auto const what = both.random().below(100);
                if (what < 45) {
                    both.size() < most ? both.push() : both.pop(true);
                } else if (what < 70) {
                    both.pop(false);
                } else if (what < 75) {
                    both.pop(true);
                } else if (what < 99) {
                    both.remove();
                } else {
                    both.swap();
                }
                if (i % 100 == 0) both.compare();
                both.look_ahead();
                BOOST_REQUIRE_LE(both.kept(), model::kept_at_most(most));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(tell_what_comes_next)
{
    for (std::size_t const most : {1u, 20u, 100u}) {
        beside_lists both{most};
        for (int i = 0; i < 5000; ++i) {
            both.size() < most ? both.push() : both.pop(i % 3 == 0);
            both.look_ahead_exactly();
        }
    }
}

// Nothing is ever the oldest: only sweeps find what was removed.
BOOST_AUTO_TEST_CASE(keep_few_slots_where_nothing_is_popped)
{
    beside_lists both{7};
    while (both.size() < 3000) both.push();
    for (int i = 0; i < 50000; ++i) {
        both.remove();
        while (both.size() < 3000) both.push();
        BOOST_REQUIRE_LE(both.kept(), model::kept_at_most(3000));
    }
    both.compare();
    while (both.size() > 0) both.remove();
    BOOST_TEST(both.kept() == 0U);
}

BOOST_AUTO_TEST_CASE(number_slots_with_28_bits)
{
    fifo_piece piece{};
    for (unsigned place = 0; place < fifo_piece::places; ++place) piece.put(place, fifo_piece::most - place);
    for (unsigned place = 0; place < fifo_piece::places; ++place) {
        BOOST_TEST(piece.get(place) == fifo_piece::most - place);
    }
    slot_queues<1> queues;
    BOOST_CHECK_THROW(queues.reserve(std::size_t{fifo_piece::most} + 1), std::bad_alloc);
}

BOOST_AUTO_TEST_CASE(take_less_than_four_bytes_a_slot)
{
    slot_queues<2> queues;
    queues.reserve(100000);
    for (slot_number slot = 0; slot < 100000; ++slot) queues.push(slot % 2, slot);
    BOOST_TEST(queues.memory() < 395000U);
}
