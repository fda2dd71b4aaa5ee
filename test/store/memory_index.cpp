#define BOOST_TEST_MODULE store_memory_index
#include <boost/test/unit_test.hpp>

#include <strata/store/detail/memory_index.hpp>

#include <cstdint>
#include <utility>
#include <vector>

using strata::slot_number;
using strata::detail::bucket_table;
using strata::no_slot;

namespace {

/// A hash whose entry belongs to the first or the second of two buckets.
std::uint64_t belongs_to(unsigned bucket, std::uint8_t tag) { return (std::uint64_t{bucket} << 63) | tag; }

} // namespace

BOOST_AUTO_TEST_CASE(a_search_ends_where_every_bucket_was_passed)
{
    bucket_table table{2};
    std::vector<std::pair<std::uint64_t, slot_number>> there;
    slot_number slot = 0;
    auto const insert = [&](unsigned bucket) {
        auto const hash = belongs_to(bucket, static_cast<std::uint8_t>(slot + 1));
        table.insert(hash, slot);
        there.emplace_back(hash, slot++);
    };
    for (int i = 0; i < 13; ++i) insert(0); // one of them lies in the second bucket
    for (int i = 0; i < 11; ++i) insert(1);
    BOOST_TEST(table.erase(there[0].first, there[0].second));
    insert(1); // lies in the first bucket
    there.erase(there.begin());

    for (auto const& [hash, where] : there) {
        BOOST_TEST(table.find(hash, [&, w = where](slot_number s) { return s == w; }) == where);
    }
    for (unsigned bucket : {0U, 1U}) {
        auto const absent = belongs_to(bucket, 200);
        BOOST_TEST(table.find(absent, [](slot_number) { return true; }) == no_slot);
        BOOST_TEST(!table.erase(absent, 99));
    }
    for (auto const& [hash, where] : there) BOOST_TEST(table.erase(hash, where));
    BOOST_TEST(table[0].passed == 0U);
    BOOST_TEST(table[1].passed == 0U);
}
