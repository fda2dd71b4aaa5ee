#define BOOST_TEST_MODULE layer_encrypt_tampering
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include "../support/glass.hpp"

#include <boost/mpl/list.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using ciphers = boost::mpl::list<ChaCha20, Aes256, AesSiv>;

namespace {

std::string const secret = "thirty-two bytes of a real secret";

template <class C> using glass = stack<Glass>::with<Encrypt<C>>;

/// A cache in a store that an attacker writes, and the entries under the keys that it has.
template <class C> struct victim {
    Glass store;
    Encrypt<C> policy;
    glass<C> cache{store, policy};
    std::size_t rejected = 0;

    /// What lies under a cache key, for the attacker to change.
    std::string& stored(std::string const& key)
    {
        auto const before = *store.entries;
        BOOST_REQUIRE(cache.put(key, "to find the stored key"));
        auto const changed = std::ranges::find_if(*store.entries, [&](auto const& entry) {
            auto const old = before.find(entry.first);
            return old == before.end() || old->second != entry.second;
        });
        BOOST_REQUIRE(changed != store.entries->end());
        if (auto const old = before.find(changed->first); old != before.end()) changed->second = old->second;
        return changed->second;
    }

    /// Whether `get` takes what lies under `key` for what it is: neither a value nor nothing.
    void rejects(std::string const& key)
    {
        auto const before = cache.template layer<Encrypt<C>>().corrupt();
        std::string out = "untouched";
        auto const found = cache.get_to(key, out);
        if (found.error() == errc::corrupt && out == "untouched") ++rejected;
        BOOST_CHECK_MESSAGE(found.error() == errc::corrupt, "an entry that was tampered with was not rejected");
        BOOST_CHECK(out == "untouched");
        BOOST_CHECK_EQUAL(cache.template layer<Encrypt<C>>().corrupt(), before + 1);
    }
};

template <class C> victim<C> make_victim(Padding padding = Padding::none)
{
    return {{}, Encrypt<C>{.secret = secret, .padding = padding}};
}

void tell(char const* what, std::string_view cipher, std::size_t rejected)
{
    BOOST_TEST_MESSAGE(cipher << ", " << what << ": " << rejected << " rejected");
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(every_bit_counts, C, ciphers)
{
    for (Padding const padding : {Padding::none, Padding::padme}) {
        for (std::string const text : {"", "v", "a value of more than one block, that is to say, of some length"}) {
            auto v = make_victim<C>(padding);
            std::string& stored = v.stored("key");
            BOOST_REQUIRE(v.cache.put("key", text));
            std::string const good = stored;
            for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
                stored[bit / 8] = static_cast<char>(stored[bit / 8] ^ (1 << bit % 8));
                v.rejects("key");
                stored = good;
            }
            BOOST_CHECK(v.cache.get("key").value() == text); // the objects that failed go on working
            BOOST_CHECK_EQUAL(v.rejected, good.size() * 8);
            tell("flips of one bit", C::name.view(), v.rejected);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_length_counts, C, ciphers)
{
    auto v = make_victim<C>();
    std::string& stored = v.stored("key");
    std::string const text = "a value of more than one block, that is to say, of some length";
    BOOST_REQUIRE(v.cache.put("key", text));
    std::string const good = stored;
    for (std::size_t n = 0; n < good.size(); ++n) {
        stored = good.substr(0, n);
        v.rejects("key");
        stored = good.substr(good.size() - n);
        v.rejects("key");
        stored = good;
        stored.erase(n, 1);
        v.rejects("key");
    }
    tell("truncations", C::name.view(), std::exchange(v.rejected, 0));
    for (std::size_t n = 1; n <= 64; ++n) {
        for (char const byte : {'\0', 'x', '\xff'}) {
            stored = good + std::string(n, byte);
            v.rejects("key");
            stored = std::string(n, byte) + good;
            v.rejects("key");
        }
    }
    for (std::size_t at = 0; at <= good.size(); ++at) {
        stored = good;
        stored.insert(at, 1, 'x');
        v.rejects("key");
    }
    stored = good + good;
    v.rejects("key");
    stored = good;
    BOOST_CHECK(v.cache.get("key").value() == text);
    tell("extensions", C::name.view(), v.rejected);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(entries_stay_at_their_keys, C, ciphers)
{
    auto v = make_victim<C>();
    std::vector<std::string> keys;
    for (int n = 0; n < 30; ++n) keys.push_back("key " + std::to_string(n));
    keys.emplace_back("");
    std::vector<std::string*> places;
    for (auto const& key : keys) places.push_back(&v.stored(key));
    for (auto const& key : keys) BOOST_REQUIRE(v.cache.put(key, "the same value"));
    for (std::size_t a = 0; a < keys.size(); ++a) {
        std::string const own = *places[a];
        for (std::size_t b = 0; b < keys.size(); ++b) {
            if (a == b) continue;
            *places[a] = *places[b];
            v.rejects(keys[a]);
            *places[a] = own;
        }
    }
    tell("swaps between keys", C::name.view(), v.rejected);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_writes_cannot_be_mixed, C, ciphers)
{
    auto v = make_victim<C>();
    std::string& stored = v.stored("key");
    BOOST_REQUIRE(v.cache.put("key", "one value of this length", 1h));
    std::string const one = stored;
    BOOST_REQUIRE(v.cache.put("key", "two value of this length", 2h));
    std::string const two = stored;
    std::size_t const size = one.size();
    for (std::size_t cut : {std::size_t{23}, 23 + C::nonce_size, size - C::tag_size, size - 1}) {
        stored = one.substr(0, cut) + two.substr(cut);
        v.rejects("key");
        stored = two.substr(0, cut) + one.substr(cut);
        v.rejects("key");
    }
    stored = one; // an old entry within its lifetime is a good entry: nothing but a log could tell
    BOOST_CHECK(v.cache.get("key").value() == "one value of this length");
    tell("mixtures of two writes", C::name.view(), v.rejected);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(contexts_and_secrets_do_not_open_each_other, C, ciphers)
{
    std::string const other_secret = "another secret of enough bytes";
    std::vector<Encrypt<C>> const strangers{
        {.secret = secret, .context = "other"}, {.secret = secret, .context = "other ", .hash_size = 20},
        {.secret = other_secret}, {.secret = other_secret, .retired = {secret}},
        {.secret = secret, .context = std::string(1, '\0')}};
    auto v = make_victim<C>();
    std::string& stored = v.stored("key");
    for (auto const& policy : strangers) {
        victim<C> stranger{{}, policy};
        std::string const& foreign = stranger.stored("key");
        BOOST_REQUIRE(stranger.cache.put("key", "a value"));
        BOOST_REQUIRE(v.cache.put("key", "a value"));
        std::string const own = stored;
        stored = foreign;
        v.rejects("key");
        stored = own.substr(0, 23) + foreign.substr(23); // with the header that is expected
        v.rejects("key");
        stored = own;
        BOOST_CHECK(own.substr(2, 4) != foreign.substr(2, 4));
        for (std::size_t i = 2; i < 6; ++i) stored[i] = foreign[i]; // a good entry that claims another secret
        v.rejects("key");
    }
    tell("swaps between contexts and secrets", C::name.view(), v.rejected);
}

namespace {

template <class A, class B> std::size_t swap_suites()
{
    auto a = make_victim<A>();
    auto b = make_victim<B>();
    std::string& stored = a.stored("key");
    BOOST_REQUIRE(a.cache.put("key", "a value that is long enough for all of them"));
    std::string const own = stored;
    std::string const& foreign = b.stored("key");
    BOOST_REQUIRE(b.cache.put("key", "a value that is long enough for all of them"));

    stored = foreign;
    a.rejects("key");
    stored = foreign;
    stored[1] = static_cast<char>(A::suite);
    a.rejects("key");
    stored = own.substr(0, 23) + foreign.substr(23);
    a.rejects("key");
    stored = own;
    stored[1] = static_cast<char>(B::suite);
    a.rejects("key");
    for (int version = 0; version < 256; ++version) {
        if (version == 1) continue;
        stored = own;
        stored[0] = static_cast<char>(version);
        a.rejects("key");
    }
    return a.rejected;
}

} // namespace

BOOST_AUTO_TEST_CASE(suites_do_not_open_each_other)
{
    std::size_t const rejected = swap_suites<ChaCha20, Aes256>() + swap_suites<ChaCha20, AesSiv>() +
                                 swap_suites<Aes256, ChaCha20>() + swap_suites<Aes256, AesSiv>() +
                                 swap_suites<AesSiv, ChaCha20>() + swap_suites<AesSiv, Aes256>();
    tell("swaps between suites and versions", "all ciphers", rejected);
}

/// A retired secret still reads; when it is removed, its entries are not there; and where an attacker moves them to the
/// places of the current secret, they are rejected.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_removed_secret_opens_nothing, C, ciphers)
{
    std::string const old_secret = "an old secret of enough bytes";
    Glass store;
    glass<C> before{store, Encrypt<C>{.secret = old_secret}};
    for (int n = 0; n < 20; ++n) BOOST_REQUIRE(before.put(std::to_string(n), "old"));
    std::string const old = store.entries->begin()->second;

    victim<C> v{store, Encrypt<C>{.secret = secret}};
    for (int n = 0; n < 20; ++n) {
        std::string const key = std::to_string(n);
        BOOST_CHECK(v.cache.get(key).miss());
        for (auto const& entry : std::map{*store.entries}) {
            v.stored(key) = entry.second;
            v.rejects(key);
            v.stored(key) = entry.second;
            for (std::size_t i = 2; i < 6; ++i) v.stored(key)[i] = static_cast<char>(entry.second[i] + 1);
            v.rejects(key);
        }
        BOOST_REQUIRE(v.cache.erase(key));
    }
    tell("entries of a removed secret", C::name.view(), v.rejected);

    // A retired secret's entry at a place of the current one is rejected too: it could be older than what was there.
    victim<C> both{store, Encrypt<C>{.secret = secret, .retired = {old_secret}}};
    BOOST_CHECK(both.cache.get("7").value() == "old");
    both.stored("another key") = old;
    both.rejects("another key");
}

/// What an attacker can make of the length that a value has: it is checked before memory is taken.
BOOST_AUTO_TEST_CASE_TEMPLATE(garbage_is_corrupt, C, ciphers)
{
    auto v = make_victim<C>();
    std::string& stored = v.stored("key");
    unsigned noise = 12345;
    for (std::size_t n = 0; n < 3000; ++n) {
        stored.clear();
        for (std::size_t i = 0; i < n % 150; ++i) {
            noise = noise * 1103515245 + 12345;
            stored += static_cast<char>(noise >> 16);
        }
        v.rejects("key");
    }
    tell("entries of garbage", C::name.view(), v.rejected);
}
