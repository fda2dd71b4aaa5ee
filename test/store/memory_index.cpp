#define BOOST_TEST_MODULE store_memory_index
#include <boost/test/unit_test.hpp>

#include <strata/eviction/detail/random_bits.hpp>
#include <strata/store/detail/memory_index.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

using strata::no_slot;
using strata::slot_number;
using strata::detail::bucket_table;
using strata::detail::growing_index;
using strata::detail::index_bucket;
using strata::detail::memory_index;
using strata::detail::random_bits;

namespace {

using narrow = bucket_table<3>;
using wide = bucket_table<4>;

/// A hash whose entry belongs to the first or the second of two buckets.
std::uint64_t belongs_to(unsigned bucket, std::uint8_t tag) { return (std::uint64_t{bucket} << 63) | tag; }

slot_number found(auto const& table, std::uint64_t hash, slot_number slot)
{
    return table.find(hash, [&](slot_number s) { return s == slot; });
}

/// An index, the hashes of all slots that were ever used, and what must be there.
class checked_index {
public:
    explicit checked_index(std::size_t expected) { index_.expect(expected); }

    void insert(slot_number slot, std::uint64_t hash)
    {
        hashes_[slot] = hash;
        index_.reserve_one(slot, hash_of());
        index_.insert(hash, slot, hash_of());
        there_.push_back(slot);
    }
    slot_number erase(std::size_t i)
    {
        auto const slot = there_[i];
        there_[i] = there_.back();
        there_.pop_back();
        index_.erase(hashes_[slot], slot);
        return slot;
    }
    [[nodiscard]] std::size_t size() const { return there_.size(); }
    [[nodiscard]] memory_index const& index() const { return index_; }

    /// What is wrong, if anything is.
    [[nodiscard]] std::size_t mistakes(slot_number erased) const
    {
        std::size_t wrong = index_.size() == there_.size() ? 0 : 1;
        for (auto const slot : there_) wrong += find(hashes_.at(slot), slot) == slot ? 0 : 1;
        wrong += find(hashes_.at(erased), erased) == no_slot ? 0 : 1;
        std::size_t seen = 0;
        index_.for_each([&](slot_number) { ++seen; });
        return wrong + (seen == there_.size() ? 0 : 1);
    }

private:
    std::function<std::uint64_t(slot_number)> hash_of()
    {
        return [this](slot_number slot) { return hashes_.at(slot); };
    }
    [[nodiscard]] slot_number find(std::uint64_t hash, slot_number slot) const
    {
        auto const equal = [&](slot_number s) { return s == slot; };
        return index_.find(hash, equal, [&] { return index_.find_further(hash, equal); });
    }

    memory_index index_;
    std::unordered_map<slot_number, std::uint64_t> hashes_;
    std::vector<slot_number> there_;
};

/// Fills an index to `entries`, then lets them go and come.
void runs_like_its_model(std::size_t entries, std::size_t expected, slot_number first, std::uint64_t bits_of_hashes)
{
    random_bits random{entries};
    checked_index model{expected};
    for (std::size_t i = 0; i < entries; ++i) {
        model.insert(first + static_cast<slot_number>(i), random() & bits_of_hashes);
    }
    slot_number erased = 0;
    for (int round = 0; round < 5; ++round) {
        for (std::size_t i = 0; i < entries; ++i) {
            erased = model.erase(random.below(model.size()));
            model.insert(erased, random() & bits_of_hashes);
        }
        erased = model.erase(random.below(model.size()));
        BOOST_TEST_REQUIRE(model.mistakes(erased) == 0U);
        model.insert(erased, random() & bits_of_hashes);
    }
    while (model.size() > 0) erased = model.erase(random.below(model.size()));
    BOOST_TEST(model.mistakes(erased) == 0U);
}

} // namespace

using tables = std::tuple<narrow, wide>;

BOOST_AUTO_TEST_CASE_TEMPLATE(a_search_ends_where_every_bucket_was_passed, Table, tables)
{
    constexpr unsigned places = Table::bucket_type::places;
    Table table{2};
    std::vector<std::pair<std::uint64_t, slot_number>> there;
    slot_number slot = 0;
    auto const insert = [&](unsigned bucket) {
        auto const hash = belongs_to(bucket, static_cast<std::uint8_t>(slot + 1));
        table.insert(hash, slot);
        there.emplace_back(hash, slot++);
    };
    for (unsigned i = 0; i < places + 1; ++i) insert(0); // one of them lies in the second bucket
    for (unsigned i = 0; i < places - 1; ++i) insert(1);
    BOOST_TEST(table.erase(there[0].first, there[0].second));
    insert(1); // lies in the first bucket
    there.erase(there.begin());

    for (auto const& [hash, where] : there) BOOST_TEST(found(table, hash, where) == where);
    for (unsigned bucket : {0U, 1U}) {
        auto const absent = belongs_to(bucket, 200);
        BOOST_TEST(table.home(absent).passed(absent));
        BOOST_TEST(table.find(absent, [](slot_number) { return true; }) == no_slot);
        BOOST_TEST(!table.erase(absent, 99));
    }
    for (auto const& [hash, where] : there) BOOST_TEST(table.erase(hash, where));
    BOOST_TEST(!table.home(belongs_to(0, 1)).passed(belongs_to(0, 1)));
    BOOST_TEST(!table.home(belongs_to(1, 1)).passed(belongs_to(1, 1)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(places_keep_what_fits_their_width, Table, tables)
{
    using bucket_type = typename Table::bucket_type;
    bucket_type bucket{};
    constexpr slot_number largest = bucket_type::places == 15 ? 0xFFFFFF : no_slot - 1;
    for (unsigned place = 0; place < bucket_type::places; ++place) bucket.set(place, place + 1, largest - place);
    for (unsigned place = 0; place < bucket_type::places; ++place) {
        BOOST_TEST(bucket.slot(place) == largest - place);
        BOOST_TEST(bucket.match((place + 1) * 0x01010101U) == 1U << place);
        BOOST_TEST(bucket.holds(place));
    }
    BOOST_TEST(bucket.empty() == 0U);
    BOOST_TEST(!bucket.passed(0));
    bucket.remove(3);
    BOOST_TEST(bucket.empty() == 8U);
    BOOST_TEST(!bucket.holds(3));
}

BOOST_AUTO_TEST_CASE(kinds_of_hashes_pass_for_themselves)
{
    index_bucket<3> bucket{};
    for (std::uint64_t kind = 0; kind < 8; ++kind) {
        auto const hash = kind << 8;
        bucket.pass(hash);
        for (std::uint64_t other = 0; other < 8; ++other) BOOST_TEST(bucket.passed(other << 8) == (other == kind));
        bucket.unpass(hash);
        BOOST_TEST(!bucket.passed(hash));
    }
}

BOOST_AUTO_TEST_CASE(a_count_that_was_full_says_that_something_may_lie_behind)
{
    index_bucket<3> bucket{};
    for (int i = 0; i < 6; ++i) bucket.pass(0);
    for (int i = 0; i < 6; ++i) bucket.unpass(0);
    BOOST_TEST(!bucket.passed(0));
    for (int i = 0; i < 100; ++i) bucket.pass(0);
    for (int i = 0; i < 100; ++i) bucket.unpass(0);
    BOOST_TEST(bucket.passed(0));
    BOOST_TEST(!bucket.passed(1 << 8));

    // All of one hash: each bucket but the last is passed by more than can be counted.
    narrow table{8};
    for (slot_number slot = 0; slot < 100; ++slot) table.insert(5, slot);
    for (slot_number slot = 0; slot < 100; slot += 2) BOOST_TEST(table.erase(5, slot));
    for (slot_number slot = 0; slot < 100; ++slot) {
        BOOST_TEST(found(table, 5, slot) == (slot % 2 == 0 ? no_slot : slot));
    }
    for (slot_number slot = 1; slot < 100; slot += 2) BOOST_TEST(table.erase(5, slot));
    BOOST_TEST(!table.erase(5, 1));
    BOOST_TEST(table.find(5, [](slot_number) { return true; }) == no_slot);
}

BOOST_AUTO_TEST_CASE(guesses_are_right_for_entries_of_their_own_in_the_first_two_buckets)
{
    narrow table{4};
    std::vector<slot_number> fetched;
    auto const fetch = [&](slot_number slot) { fetched.push_back(slot); };
    for (slot_number slot = 0; slot < 15; ++slot) table.insert(slot + 1, slot);
    BOOST_TEST(table.guess(100, fetch) == no_slot);
    BOOST_TEST(table.guess_further(100, fetch) == no_slot);
    table.insert(16, 15); // in the second bucket
    BOOST_TEST(table.guess(16, fetch) == no_slot);
    BOOST_TEST(fetched.empty());
    BOOST_TEST(table.guess_further(16, fetch) == 15U);
    BOOST_TEST((fetched == std::vector<slot_number>{15}));

    BOOST_TEST(table.erase(1, 0));
    table.insert(8, 0); // another one with this tag
    fetched.clear();
    auto const first = table.guess(8, fetch);
    BOOST_TEST((fetched == std::vector<slot_number>{first, first == 0 ? slot_number{7} : slot_number{0}}));
}

BOOST_AUTO_TEST_CASE(as_full_as_it_gets_it_finds_all)
{
    runs_like_its_model(20000, 20000, 0, UINT64_MAX);
    runs_like_its_model(3, 3, 0, UINT64_MAX);
    runs_like_its_model(5000, 0, 0, UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(bad_hashes_make_it_slow_and_not_wrong)
{
    runs_like_its_model(600, 600, 0, 0);
    runs_like_its_model(2000, 2000, 0, 0xFull << 60);
    runs_like_its_model(2000, 0, 0, 0xFFFF);
}

BOOST_AUTO_TEST_CASE(slots_that_need_four_bytes_have_an_index_of_their_own)
{
    runs_like_its_model(6000, memory_index::high_from, memory_index::high_from - 3000, UINT64_MAX);
    runs_like_its_model(3000, 0, no_slot - 3000, UINT64_MAX);
}
