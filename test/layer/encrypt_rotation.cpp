#define BOOST_TEST_MODULE layer_encrypt_rotation
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include "../support/faulty.hpp"
#include "../support/glass.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using encrypted = Encrypt<ChaCha20>;
using glass = stack<Glass>::with<encrypted>;

namespace {

std::string const first = "the first secret of enough bytes";
std::string const second = "the second secret of enough bytes";
std::string const third = "the third secret of enough bytes";

/// A store with an entry `old` under the first secret.
Glass aged(std::string const& key = "key")
{
    Glass store;
    BOOST_REQUIRE((glass{store, encrypted{.secret = first}}.put(key, "old")));
    return store;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_cache_stays_warm)
{
    Glass const store;
    glass one{store, encrypted{.secret = first}};
    for (int n = 0; n < 50; ++n) BOOST_REQUIRE(one.put(std::to_string(n), "one"));
    glass two{store, encrypted{.secret = second, .retired = {first}}};
    for (int n = 0; n < 50; ++n) BOOST_CHECK(two.get(std::to_string(n)).value() == "one");
    for (int n = 0; n < 25; ++n) BOOST_REQUIRE(two.put(std::to_string(n), "two"));
    glass three{store, encrypted{.secret = third, .retired = {second, first}}};
    for (int n = 0; n < 50; ++n) BOOST_CHECK(three.get(std::to_string(n)).value() == (n < 25 ? "two" : "one"));
    glass without_first{store, encrypted{.secret = third, .retired = {second}}};
    for (int n = 0; n < 50; ++n) BOOST_CHECK(without_first.get(std::to_string(n)).hit() == (n < 25));
}

/// First every process learns to read the new secret, then they write it, then the old one goes.
BOOST_AUTO_TEST_CASE(processes_change_one_after_the_other)
{
    Glass const store;
    glass prepared{store, encrypted{.secret = first, .retired = {second}}};
    glass changed{store, encrypted{.secret = second, .retired = {first}}};
    for (int round = 0; round < 10; ++round) {
        std::string const text = std::to_string(round);
        BOOST_REQUIRE((round % 2 ? prepared : changed).put("key", text));
        BOOST_CHECK(prepared.get("key").value() == text);
        BOOST_CHECK(changed.get("key").value() == text);
        BOOST_CHECK_EQUAL(store.entries->size(), 1u);
    }
}

BOOST_AUTO_TEST_CASE(what_is_written_leaves_nothing_older)
{
    for (int const way : {0, 1, 2}) {
        Glass const store = aged();
        glass s{store, encrypted{.secret = second, .retired = {third, first}}};
        if (way == 0) BOOST_REQUIRE(s.put("key", "new"));
        if (way == 1) BOOST_REQUIRE(s.put_many({{"key", "new"}, {"other", "new"}})[0]);
        if (way == 2) BOOST_REQUIRE(s.touch("key", 1h).hit());
        BOOST_CHECK((glass{store, encrypted{.secret = first}}.get("key").miss()));
        BOOST_CHECK(s.get("key").value() == (way == 2 ? "old" : "new"));
        BOOST_CHECK(s.erase("key").hit());
        BOOST_CHECK(s.get("key").miss());
    }
}

BOOST_AUTO_TEST_CASE(each_operation_knows_the_old_entries)
{
    Glass const store = aged();
    glass s{store, encrypted{.secret = second, .retired = {first}}};
    BOOST_CHECK(s.contains("key").hit());
    BOOST_CHECK(s.contains("other").miss());
    BOOST_CHECK(s.add("key", "new").error() == errc::exists);
    BOOST_CHECK(s.get("key").value() == "old");
    BOOST_CHECK(s.erase("key").hit());
    BOOST_CHECK(s.erase("key").miss());
    BOOST_CHECK(s.contains("key").miss());
    BOOST_CHECK(s.add("key", "new"));
    BOOST_CHECK(s.get("key").value() == "new");
    BOOST_CHECK(s.touch("other", 1h).miss());
}

BOOST_AUTO_TEST_CASE(a_batch_mixes_them)
{
    Glass const store;
    glass one{store, encrypted{.secret = first}};
    glass two{store, encrypted{.secret = second, .retired = {first}}};
    BOOST_REQUIRE(one.put("a", "1") && two.put("b", "2") && one.put("c", "3"));
    std::vector<std::string> const keys{"missing", "a", "b", "a", "", "c"};
    auto const found = two.get_many(keys);
    BOOST_REQUIRE_EQUAL(found.size(), 6u);
    BOOST_CHECK(found[0].miss() && *found[1] == "1" && *found[2] == "2" && *found[3] == "1" && found[4].miss() &&
                *found[5] == "3");
    auto const erased = two.erase_many(keys);
    BOOST_CHECK(erased[0].miss() && erased[1].hit() && erased[2].hit() && erased[3].miss() && erased[4].miss() &&
                erased[5].hit());
    BOOST_CHECK(store.entries->empty());
}

/// An entry that is damaged under the current secret is not replaced by an older one.
BOOST_AUTO_TEST_CASE(damage_does_not_bring_back_the_old)
{
    Glass store;
    glass s{store, encrypted{.secret = second, .retired = {first}}};
    BOOST_REQUIRE(s.put("key", "new"));
    BOOST_REQUIRE((glass{store, encrypted{.secret = first}}.put("key", "old"))); // as an attacker puts it back
    glass current{store, encrypted{.secret = second}};
    BOOST_CHECK(s.get("key").value() == "new");
    Glass only_new;
    glass probe{only_new, encrypted{.secret = second}};
    BOOST_REQUIRE(probe.put("key", "x"));
    (*store.entries)[only_new.entries->begin()->first].back() ^= 1;
    BOOST_CHECK(s.get("key").error() == errc::corrupt);
}

/// A store that fails in the middle: nothing is a hit or a miss that is none, and no write that is said to be done
/// leaves an older entry to come back.
BOOST_AUTO_TEST_CASE(failures_on_the_way)
{
    Glass const store = aged();
    stack<Glass>::with<Faulty>::with<encrypted> s{store, encrypted{.secret = second, .retired = {first}}};
    Faults faults = s.layer<Faulty>().faults();

    faults.fail(Faults::erase, errc::timed_out);
    BOOST_CHECK(s.put("key", "new").error() == errc::timed_out);
    BOOST_CHECK(s.erase("key").error() == errc::timed_out);
    BOOST_CHECK(s.touch("key", 1h).error() == errc::timed_out);
    for (auto const& done : s.put_many({{"key", "new"}, {"other", "new"}})) {
        BOOST_CHECK(done.error() == errc::timed_out);
    }
    faults.fail(Faults::contains, errc::timed_out);
    BOOST_CHECK(s.add("key", "new").error() == errc::timed_out);
    BOOST_CHECK(s.contains("key").error() == errc::timed_out);
    faults.fail(Faults::get, errc::timed_out);
    BOOST_CHECK(s.get("key").error() == errc::timed_out);
    BOOST_CHECK(s.touch("key", 1h).error() == errc::timed_out);
    faults.fail(Faults::put, errc::timed_out, 0);
    auto const done = s.put_many({{"one", "1"}, {"two", "2"}});
    BOOST_CHECK(done[0].error() == errc::timed_out && done[1]);
    faults.fail(Faults::erase, errc::timed_out, 1);
    auto const mixed = s.put_many({{"one", "1"}, {"two", "3"}, {"three", "3"}});
    BOOST_CHECK(mixed[0] && mixed[1].error() == errc::timed_out && mixed[2]);
    faults.mend();
    BOOST_CHECK(s.get("two").value() == "2");
    BOOST_CHECK(s.get("key").value() == "old");
}
