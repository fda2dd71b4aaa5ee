#define BOOST_TEST_MODULE eviction_ghosts
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/detail/ghosts.hpp>
#include <strata/eviction/detail/random_bits.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>

using model::hash_of_key;
using strata::detail::ghosts;
using strata::detail::random_bits;

namespace {

/// Random insertions and look-ups, beside lists.
template <std::size_t Kinds, std::size_t Lines> void agree(std::size_t limit)
{
    ghosts<Kinds, Lines> remembered;
    remembered.reserve(limit);
    std::array<std::deque<std::uint64_t>, Kinds> lists;
    random_bits random{limit};
    for (int i = 0; i < 20000; ++i) {
        auto const hash = hash_of_key(random.below(3 * Kinds * limit + 1));
        std::size_t expected = remembered.none;
        for (std::size_t kind = 0; kind < Kinds; ++kind) {
            if (std::erase(lists[kind], hash) != 0) expected = kind;
        }
        BOOST_REQUIRE_EQUAL(remembered.take(hash), expected);
        auto const kind = random.below(Kinds);
        remembered.keep(limit);
        remembered.insert(kind, hash);
        lists[kind].push_back(hash);
        if (lists[kind].size() > limit) lists[kind].pop_front();
        for (std::size_t k = 0; k < Kinds; ++k) BOOST_REQUIRE_EQUAL(remembered.size(k), lists[k].size());
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(forget_in_their_order_within_a_bucket)
{
    for (std::size_t const limit : {1u, 3u, 4u, 15u, 16u}) {
        agree<1, 1>(limit);
        agree<2, 1>(limit);
        agree<1, 2>(limit);
    }
    agree<1, 1>(32);
    agree<2, 2>(32);
    agree<1, 2>(63);
    agree<1, 2>(64);
}

BOOST_AUTO_TEST_CASE(forget_about_as_many_as_they_should_beyond)
{
    constexpr std::size_t limit = 10000;
    ghosts<2, 1> remembered;
    remembered.reserve(limit);
    remembered.keep(limit);
    auto const insert = [&](std::uint64_t from, std::uint64_t to) {
        for (auto key = from; key < to; ++key) remembered.insert(key % 2, hash_of_key(key));
    };
    insert(0, 20 * limit);
    BOOST_TEST(remembered.size(0) > limit * 99 / 100);
    BOOST_TEST(remembered.size(1) > limit * 99 / 100);
    BOOST_TEST(remembered.size(0) <= limit + 16);

    auto const known = [&](std::uint64_t from, std::uint64_t to) {
        int count = 0;
        for (auto key = from; key < to; ++key) count += remembered.take(hash_of_key(key)) == key % 2 ? 1 : 0;
        return count;
    };
    auto const newest = 20 * limit;                              // of each kind, the last `limit` keys lie in 2 * limit
    BOOST_TEST(known(newest - limit / 2, newest) > 4990);        // a quarter of their time
    BOOST_TEST(known(newest - limit * 7 / 2, newest - 3 * limit) < 500); // one and three quarters
    BOOST_TEST(known(newest, newest + 100000) < 200);
}

BOOST_AUTO_TEST_CASE(follow_their_limit)
{
    ghosts<1, 1> remembered;
    remembered.insert(0, 1); // there is no room
    BOOST_TEST(remembered.take(1) == remembered.none);

    remembered.reserve(20);
    remembered.keep(0);
    remembered.insert(0, 1);
    BOOST_TEST(remembered.size(0) == 0U);
    remembered.keep(20);
    for (std::uint64_t key = 0; key < 30; ++key) remembered.insert(0, hash_of_key(key));
    BOOST_TEST(remembered.size(0) == 20U);
    remembered.keep(5);
    remembered.insert(0, hash_of_key(30));
    BOOST_TEST(remembered.size(0) == 5U);
    BOOST_TEST(remembered.take(hash_of_key(25)) == remembered.none);
    BOOST_TEST(remembered.take(hash_of_key(26)) == 0U);

    auto const before = remembered.memory();
    remembered.reserve(1000);
    BOOST_TEST(remembered.memory() > before);
    BOOST_TEST(remembered.memory() <= 2048U + 64U);
    BOOST_TEST(remembered.size(0) == 0U);
    BOOST_TEST(remembered.take(hash_of_key(30)) == remembered.none);
    // A hash whose mark would be that of an empty place.
    remembered.keep(1000);
    BOOST_TEST(remembered.take(0) == remembered.none);
    remembered.insert(0, 0);
    BOOST_TEST(remembered.take(0) == 0U);
}

BOOST_AUTO_TEST_CASE(forget_in_time_though_there_was_room_for_far_more)
{
    constexpr std::size_t room = 100000;
    constexpr std::size_t limit = 320;
    ghosts<2, 1> remembered;
    remembered.reserve(room);
    auto const insert = [&](std::uint64_t from, std::uint64_t to) {
        for (auto key = from; key < to; ++key) remembered.insert(key % 2, hash_of_key(key));
    };
    auto const known = [&](std::uint64_t from, std::uint64_t to) {
        std::size_t count = 0;
        for (auto key = from; key < to; ++key) count += remembered.take(hash_of_key(key)) != remembered.none ? 1 : 0;
        return count;
    };
    for (int round = 0; round < 3; ++round) {
        remembered.keep(room);
        insert(0, 2 * room);
        BOOST_TEST(remembered.size(0) > room * 9 / 10);
        remembered.keep(limit);
        BOOST_TEST(remembered.size(0) + remembered.size(1) == 0U);
        insert(2 * room, 3 * room);
        BOOST_TEST(remembered.size(0) == limit);
        BOOST_TEST(remembered.size(1) == limit);
        BOOST_TEST(known(0, 3 * room - 5 * limit) < room / 500);
        insert(2 * room, 3 * room);
        BOOST_TEST(known(3 * room - limit, 3 * room) > limit * 95 / 100);
        remembered.keep(room);
        BOOST_TEST(remembered.size(0) + remembered.size(1) == 0U);
        BOOST_TEST(known(0, 3 * room) == 0U);
    }
}
