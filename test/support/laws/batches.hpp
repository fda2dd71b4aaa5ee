#pragma once

#include "subject.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <random>
#include <vector>

/// The laws of batches: each gives what singles would give, in the order of the keys.
namespace laws {

template <class Subject>
using entries_of = std::vector<std::pair<typename Subject::key_type, typename Subject::value_type>>;

template <class Subject> void batches_equal_singles(Subject& subject)
{
    auto s = subject.fresh();
    entries_of<Subject> entries;
    for (int n = 0; n < 40; ++n) entries.emplace_back(subject.key(n), subject.value(n));
    auto const stored = s.put_many(entries);
    BOOST_REQUIRE(stored.size() == entries.size());
    for (auto const& done : stored) BOOST_CHECK(done);
    for (int n = 0; n < 40; ++n) BOOST_CHECK(got(subject, s, subject.key(n)).value() == subject.value(n));

    std::vector<typename Subject::key_type> keys; // hits, misses and duplicates, in no order
    std::vector<int> numbers;
    std::minstd_rand random{1};
    for (int i = 0; i < 100; ++i) {
        numbers.push_back(static_cast<int>(random() % 60));
        keys.push_back(subject.key(numbers.back()));
    }
    auto const found = s.template get_many<typename Subject::value_type>(keys);
    BOOST_REQUIRE(found.size() == keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto const single = got(subject, s, keys[i]);
        BOOST_REQUIRE(found[i].hit() == (numbers[i] < 40));
        BOOST_REQUIRE(found[i].hit() == single.hit() && found[i].miss() == single.miss());
        if (single) BOOST_CHECK(*found[i] == *single && *found[i] == subject.value(numbers[i]));
    }
}

/// The last of several values for the same key stays; the first of several erasures finds it.
template <class Subject> void duplicates_act_in_order(Subject& subject)
{
    auto s = subject.fresh();
    entries_of<Subject> const entries{{subject.key(1), subject.value(1)},
                                      {subject.key(2), subject.value(2)},
                                      {subject.key(1), subject.value(3)}};
    for (auto const& done : s.put_many(entries)) BOOST_CHECK(done);
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(3));
    BOOST_CHECK(got(subject, s, subject.key(2)).value() == subject.value(2));
    std::vector<typename Subject::key_type> const keys{subject.key(2), subject.key(7), subject.key(1)};
    auto const gone = s.erase_many(keys);
    BOOST_REQUIRE(gone.size() == 3);
    BOOST_CHECK(gone[0].hit() && gone[1].miss() && gone[2].hit());
    for (auto const& again : s.erase_many(keys)) BOOST_CHECK(again.miss());
    for (auto const& key : keys) BOOST_CHECK(got(subject, s, key).miss());
}

template <class Subject> void an_empty_batch_is_nothing(Subject& subject)
{
    auto s = subject.fresh();
    BOOST_REQUIRE(s.put(subject.key(1), subject.value(1)));
    std::vector<typename Subject::key_type> const none;
    BOOST_CHECK(s.template get_many<typename Subject::value_type>(none).empty());
    BOOST_CHECK(s.put_many(entries_of<Subject>{}).empty());
    BOOST_CHECK(s.erase_many(none).empty());
    BOOST_CHECK(got(subject, s, subject.key(1)).value() == subject.value(1));
}

/// A batch of one is a batch, and so is any forward range of keys.
template <class Subject> void any_range_is_a_batch(Subject& subject)
{
    auto s = subject.fresh();
    auto const one = s.put_many(entries_of<Subject>{{subject.key(1), subject.value(1)}});
    BOOST_REQUIRE(one.size() == 1);
    BOOST_CHECK(one[0]);
    std::list<typename Subject::key_type> const keys{subject.key(2), subject.key(1)};
    auto const found = s.template get_many<typename Subject::value_type>(keys);
    BOOST_REQUIRE(found.size() == 2);
    BOOST_CHECK(found[0].miss());
    BOOST_CHECK(found[1].value() == subject.value(1));
    auto const gone = s.erase_many(keys);
    BOOST_REQUIRE(gone.size() == 2);
    BOOST_CHECK(gone[0].miss() && gone[1].hit());
}

/// Many random operations do what they do to a `std::map`.
template <class Subject> void it_acts_like_a_map(Subject& subject)
{
    auto s = subject.fresh();
    std::map<int, int> model;
    std::minstd_rand random{7};
    auto const draw = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
    auto const same = [&](auto const& found, int n) {
        auto const at = model.find(n);
        return at == model.end() ? found.miss() : found.hit() && *found == subject.value(at->second);
    };
    for (int step = 0; step < 600; ++step) {
        int const n = draw(12);
        int const v = draw(1000);
        switch (draw(7)) {
        case 0:
        case 1:
            BOOST_REQUIRE(s.put(subject.key(n), subject.value(v)));
            model[n] = v;
            break;
        case 2: BOOST_REQUIRE(bool{s.add(subject.key(n), subject.value(v))} == model.try_emplace(n, v).second); break;
        case 3: BOOST_REQUIRE(s.erase(subject.key(n)).hit() == (model.erase(n) == 1)); break;
        case 4: BOOST_REQUIRE(s.contains(subject.key(n)).hit() == model.contains(n)); break;
        case 5: {
            int const m = draw(12);
            auto const found = s.template get_many<typename Subject::value_type>(
                std::vector<typename Subject::key_type>{subject.key(n), subject.key(m), subject.key(n)});
            BOOST_REQUIRE(same(found[0], n) && same(found[1], m) && same(found[2], n));
            break;
        }
        default: BOOST_REQUIRE(same(got(subject, s, subject.key(n)), n));
        }
    }
}

} // namespace laws
