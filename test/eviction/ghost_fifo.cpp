#define BOOST_TEST_MODULE eviction_ghost_fifo
#include <boost/test/unit_test.hpp>

#include "../support/order_model.hpp"

#include <strata/eviction/detail/ghost_fifo.hpp>
#include <strata/eviction/detail/random_bits.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>

using model::hash_of_key;
using strata::detail::ghost_fifo;
using strata::detail::random_bits;

namespace {

/// Look-ups and insertions beside a list. Of few keys most are taken out before their time.
void agree(std::size_t limit, std::uint64_t keys, int steps)
{
    ghost_fifo remembered;
    remembered.reserve(limit);
    remembered.keep(limit);
    std::deque<std::uint64_t> list;
    random_bits random{limit};
    for (int i = 0; i < steps; ++i) {
        auto const hash = hash_of_key(random.below(keys));
        BOOST_REQUIRE_EQUAL(remembered.take(hash), std::erase(list, hash) != 0);
        remembered.insert(hash);
        list.push_back(hash);
        if (list.size() > limit) list.pop_front();
        BOOST_REQUIRE_EQUAL(remembered.size(), list.size());
    }
}

/// How many of the keys are known.
std::uint64_t known(ghost_fifo& remembered, std::uint64_t from, std::uint64_t to)
{
    std::uint64_t count = 0;
    for (auto key = from; key < to; ++key) count += remembered.take(hash_of_key(key)) ? 1 : 0;
    return count;
}

void insert(ghost_fifo& remembered, std::uint64_t from, std::uint64_t to)
{
    for (auto key = from; key < to; ++key) remembered.insert(hash_of_key(key));
}

} // namespace

BOOST_AUTO_TEST_CASE(forgets_in_the_order_of_insertion)
{
    for (std::size_t const limit : {1u, 2u, 14u, 20u, 100u, 1000u}) {
        agree(limit, 3 * limit + 1, 50000);
        agree(limit, limit + limit / 4 + 1, 50000);
    }
}

BOOST_AUTO_TEST_CASE(is_exact_but_for_a_thousandth)
{
    constexpr std::uint64_t limit = 100000;
    constexpr auto slack = limit / 500;
    ghost_fifo remembered;
    remembered.reserve(limit);
    remembered.keep(limit);
    insert(remembered, 0, 10 * limit); // numbers of generations have come again twice
    BOOST_TEST(remembered.size() > limit - slack);
    BOOST_TEST(remembered.size() < limit + slack);
    BOOST_TEST(remembered.memory() < 5 * limit);

    BOOST_TEST(known(remembered, 10 * limit, 11 * limit) < 10U);
    BOOST_TEST(known(remembered, 0, 9 * limit - slack) < 60U);
    BOOST_TEST(known(remembered, 9 * limit + slack, 10 * limit) > limit - slack - 70);
}

BOOST_AUTO_TEST_CASE(leaves_out_of_account_what_was_taken_out)
{
    constexpr std::uint64_t limit = 10000;
    ghost_fifo remembered;
    remembered.reserve(limit);
    remembered.keep(limit);
    insert(remembered, 0, limit);
    BOOST_TEST(known(remembered, 0, limit / 2) == limit / 2);
    BOOST_TEST(remembered.size() == limit / 2);
    insert(remembered, limit, limit * 3 / 2);
    BOOST_TEST(known(remembered, limit / 2, limit * 3 / 2) == limit);
}

BOOST_AUTO_TEST_CASE(follows_its_limit)
{
    ghost_fifo remembered;
    remembered.insert(1); // there is no room
    BOOST_TEST(!remembered.take(1));

    remembered.reserve(20);
    remembered.keep(0);
    remembered.insert(1);
    BOOST_TEST(remembered.size() == 0U);
    remembered.keep(20);
    insert(remembered, 0, 30);
    BOOST_TEST(remembered.size() == 20U);
    remembered.keep(5);
    insert(remembered, 30, 31);
    BOOST_TEST(remembered.size() == 5U);
    BOOST_TEST(known(remembered, 0, 26) == 0U);
    BOOST_TEST(known(remembered, 26, 27) == 1U);

    remembered.reserve(1000);
    BOOST_TEST(remembered.size() == 0U);
    BOOST_TEST(known(remembered, 0, 31) == 0U);
    // A hash whose mark would be that of an empty place.
    remembered.keep(1000);
    BOOST_TEST(!remembered.take(0));
    remembered.insert(0);
    BOOST_TEST(remembered.take(0));

    // More than there is room for.
    remembered.keep(10000);
    insert(remembered, 0, 20000);
    BOOST_TEST(remembered.size() > 900U);
    BOOST_TEST(remembered.size() < 1200U);
    BOOST_TEST(known(remembered, 19900, 20000) == 100U);
}

BOOST_AUTO_TEST_CASE(does_not_remember_again_what_it_forgot)
{
    ghost_fifo remembered;
    remembered.reserve(100000);
    remembered.keep(100000);
    insert(remembered, 0, 100000);
    remembered.keep(10); // so that the numbers of generations come again soon, while there are many buckets
    insert(remembered, 100000, 200000);
    BOOST_TEST(remembered.size() == 10U);
    BOOST_TEST(known(remembered, 0, 199990) == 0U);
    BOOST_TEST(known(remembered, 199990, 200000) == 10U);
}

BOOST_AUTO_TEST_CASE(keeps_about_to_a_limit_that_is_far_below_its_room)
{
    constexpr std::uint64_t room = 2000000;
    ghost_fifo remembered;
    remembered.reserve(room);
    remembered.keep(room);
    insert(remembered, 0, room / 2);
    remembered.keep(1000);
    insert(remembered, room, room + 300000); // numbers of generations come again
    BOOST_TEST(remembered.size() > 950U);
    BOOST_TEST(remembered.size() < 1050U);
    BOOST_TEST(known(remembered, 0, room / 2) == 0U);
    BOOST_TEST(known(remembered, room, room + 298950) == 0U);
    BOOST_TEST(known(remembered, room + 299050, room + 300000) == 950U);
}
