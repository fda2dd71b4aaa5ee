#define BOOST_TEST_MODULE eviction_tiny_lfu
#include <boost/test/unit_test.hpp>

#include "../support/eviction_load.hpp"
#include "../support/order_model.hpp"

#include <strata/eviction/tiny_lfu.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace strata;
using test::hit_rate;

namespace {

/// The window and both parts of the main part as plain queues in order of use. The sketch is the order's own: what it
/// must do is tested below.
struct window_and_main {
    explicit window_and_main(std::size_t capacity) { sketch.reserve(capacity); }

    model::queue window, probation, kept;
    detail::frequency_sketch sketch;
    bool full = false;
    double share = 0.01, step = 0.0625, last_rate = 0;
    std::size_t hits = 0, asked = 0;

    [[nodiscard]] std::size_t entries() const { return window.size() + probation.size() + kept.size(); }
    [[nodiscard]] std::size_t window_share() const
    {
        return std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(entries())));
    }
    void ask(std::uint64_t hash, bool hit)
    {
        sketch.increment(hash);
        ++asked;
        if (hit) ++hits;
        if (!full || asked < 10 * entries()) return;
        auto const n = static_cast<double>(asked);
        double const rate = static_cast<double>(hits) / n;
        double const change = rate - last_rate;
        if (change < -std::sqrt(rate * (1 - rate) / n)) step = -step;
        step = std::abs(change) < 0.05 ? step * 0.98 : step < 0 ? -0.0625 : 0.0625;
        share += step;
        if (share <= 0.01) share = 0.01, step = 0.0625;
        if (share >= 0.8) share = 0.8, step = -0.0625;
        last_rate = rate;
        hits = asked = 0;
    }

    void inserted(model::entry const& e)
    {
        ask(e.hash, false);
        window.push(e);
        if (!full && window.size() > window_share()) probation.push(window.pop());
    }
    void used(model::slot_number slot)
    {
        auto& where = window.find(slot) != nullptr ? window : probation.find(slot) != nullptr ? probation : kept;
        ask(where.find(slot)->hash, true);
        auto const e = where.take(slot);
        (&where == &window ? window : kept).push(e);
        if (&where == &probation && kept.size() * 5 > (probation.size() + kept.size()) * 4) probation.push(kept.pop());
    }
    void removed(model::slot_number slot)
    {
        (window.find(slot) != nullptr ? window : probation.find(slot) != nullptr ? probation : kept).take(slot);
    }
    model::slot_number evict()
    {
        full = true;
        auto& weaker = probation.size() > 0 ? probation : kept;
        if (weaker.size() == 0) return window.pop().slot;
        if (window.size() == 0 || window.size() < window_share()) return weaker.pop().slot;
        auto const candidate = window.pop();
        if (sketch.estimate(candidate.hash) <= sketch.estimate(weaker[0].hash)) return candidate.slot;
        auto const defender = weaker.pop();
        probation.push(candidate);
        return defender.slot;
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(evicts_what_the_model_evicts)
{
    for (std::size_t const capacity : {1u, 2u, 3u, 10u, 64u, 300u}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            model::agree<TinyLfu>(window_and_main{capacity}, capacity, 20000, seed);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_sketch_counts_no_less_than_there_was_and_halves)
{
    detail::frequency_sketch sketch;
    BOOST_TEST(sketch.estimate(7) == 0u);
    sketch.reserve(1000);
    std::vector<unsigned> counts(500);
    detail::random_bits random{5};
    for (int i = 0; i < 2000; ++i) {
        auto const key = random.below(random.below(counts.size()) + 1);
        ++counts[key];
        sketch.increment(model::hash_of_key(key));
    }
    std::size_t more = 0;
    for (std::size_t key = 0; key < counts.size(); ++key) {
        auto const estimate = sketch.estimate(model::hash_of_key(key));
        BOOST_REQUIRE(estimate >= std::min(counts[key], 15u));
        if (estimate > std::min(counts[key], 15u)) ++more;
    }
    BOOST_TEST(more < counts.size() / 20);

    // Ten uses for each entry that there is room for, and all have been halved, one block after the other.
    auto const favourite = model::hash_of_key(1000000);
    for (int i = 0; i < 15; ++i) sketch.increment(favourite);
    BOOST_TEST(sketch.estimate(favourite) == 15u);
    std::uint64_t other = 2000000;
    while (sketch.estimate(favourite) == 15u && other < 2100000) sketch.increment(model::hash_of_key(other++));
    BOOST_TEST(sketch.estimate(favourite) <= 8u);
    BOOST_TEST(other > 2005000u);
}

BOOST_AUTO_TEST_CASE(keeps_what_the_model_keeps) { test::keeps_what_was_inserted<TinyLfu>(); }

BOOST_AUTO_TEST_CASE(withstands_scans_that_flush_lru)
{
    BOOST_TEST(hit_rate<TinyLfu>(100, 100000, test::scanned) > hit_rate<Lru>(100, 100000, test::scanned));
}

BOOST_AUTO_TEST_CASE(follows_recency_where_that_counts)
{
    int const requests = 1600000;
    double sum = 0; // how long the window takes to grow depends on the seed of the hash
    for (int i = 0; i < 4; ++i) sum += hit_rate<TinyLfu>(1000, requests, test::recent);
    BOOST_TEST(sum / 4 > hit_rate<Lru>(1000, requests, test::recent) - 0.15);
}
