#define BOOST_TEST_MODULE layer_encrypt
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include "../support/glass.hpp"

#include <boost/mpl/list.hpp>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using ciphers = boost::mpl::list<ChaCha20, Aes256, AesSiv>;

namespace {

std::string const secret = "thirty-two bytes of a real secret";
std::string const value = "the plain text of a value that nobody but us may read";

template <class C> using glass = stack<Glass>::with<Encrypt<C>>;

bool has(std::string const& where, std::string const& what) { return where.find(what) != std::string::npos; }

/// The text of what `f` throws.
template <class F> std::string refusal(F&& f)
{
    try {
        f();
    } catch (std::invalid_argument const& e) {
        return e.what();
    }
    return "nothing was thrown";
}

} // namespace

BOOST_AUTO_TEST_CASE(names)
{
    static_assert(stack<Memory<>>::with<Encrypt<ChaCha20>>::with<Prefix>::describe() ==
                  "Memory | Encrypt<ChaCha20> | Prefix");
    static_assert(stack<Null, Encrypt<Aes256>, Encrypt<AesSiv>>::describe() ==
                  "Null | Encrypt<Aes256> | Encrypt<AesSiv>");
    static_assert(!std::is_default_constructible_v<Encrypt<ChaCha20>>);
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_refused_without_telling_the_secret)
{
    using S = stack<Memory<>>::with<Encrypt<ChaCha20>>;
    using E = Encrypt<ChaCha20>;
    std::string const brief(15, 'x');
    auto const says = [&](E const& policy, std::string const& field) {
        std::string const text = refusal([&] { S{policy}; });
        BOOST_CHECK_MESSAGE(text.starts_with(field), text);
        BOOST_CHECK(!has(text, brief) && !has(text, secret));
    };
    says(E{.secret = brief}, "Encrypt.secret: ");
    says(E{.secret = ""}, "Encrypt.secret: ");
    says(E{.secret = secret, .retired = {secret + "1", brief}}, "Encrypt.retired: ");
    says(E{.secret = secret, .retired = {secret}}, "Encrypt.retired: ");
    says(E{.secret = secret, .retired = {secret + "1", secret + "1"}}, "Encrypt.retired: ");
    says(E{.secret = secret, .hash_size = 15}, "Encrypt.hash_size: ");
    says(E{.secret = secret, .hash_size = 33}, "Encrypt.hash_size: ");
    says(E{.secret = secret, .padding = static_cast<Padding>(2)}, "Encrypt.padding: ");
    S{E{.secret = std::string(16, 'x'), .hash_size = 16}};
    S{E{.secret = secret, .hash_size = 32}};
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_readable_is_stored, C, ciphers)
{
    for (std::size_t const size : {16u, 20u, 32u}) {
        Glass store;
        typename glass<C>::template with<Prefix> s{
            store, Encrypt<C>{.secret = secret, .context = "a context", .hash_size = size}, Prefix{"customer."}};
        for (int n = 0; n < 100; ++n) BOOST_REQUIRE(s.put("alice" + std::to_string(n), value + std::to_string(n)));
        BOOST_REQUIRE(store.entries->size() == 100);
        std::string all;
        for (auto const& [key, stored] : *store.entries) {
            BOOST_CHECK(key.size() == size);
            BOOST_CHECK(stored.size() == value.size() + 1 + 23 + C::nonce_size + C::tag_size ||
                        stored.size() == value.size() + 2 + 23 + C::nonce_size + C::tag_size);
            all += key + '|' + stored + '|';
        }
        for (char const* word : {"customer", "alice", "plain", "text", "nobody", "context", "secret"}) {
            BOOST_CHECK_MESSAGE(!has(all, word), word);
        }
        for (int n = 0; n < 100; ++n) {
            BOOST_CHECK(s.get("alice" + std::to_string(n)).value() == value + std::to_string(n));
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_writes_share_nothing, C, ciphers)
{
    Glass store;
    glass<C> s{store, Encrypt<C>{.secret = secret}};
    std::set<std::string> seen;
    std::set<std::string> nonces;
    int constexpr writes = 1000;
    for (int n = 0; n < writes; ++n) {
        BOOST_REQUIRE(s.put("key", value));
        std::string const& stored = store.entries->begin()->second;
        nonces.insert(stored.substr(23, C::nonce_size));
        for (std::size_t at = 23 + C::nonce_size; at + 8 <= stored.size(); at += 8) seen.insert(stored.substr(at, 8));
    }
    BOOST_CHECK_EQUAL(nonces.size(), static_cast<std::size_t>(writes));
    BOOST_CHECK_EQUAL(seen.size(), static_cast<std::size_t>(writes) * ((value.size() + C::tag_size) / 8));
}

BOOST_AUTO_TEST_CASE(contexts_and_ciphers_do_not_meet)
{
    Glass store;
    glass<ChaCha20> one{store, Encrypt<ChaCha20>{.secret = secret, .context = "one"}};
    glass<ChaCha20> two{store, Encrypt<ChaCha20>{.secret = secret, .context = "two"}};
    glass<Aes256> three{store, Encrypt<Aes256>{.secret = secret, .context = "one"}};
    BOOST_REQUIRE(one.put("key", "1") && two.put("key", "2") && three.put("key", "3"));
    BOOST_CHECK_EQUAL(store.entries->size(), 3u);
    glass<ChaCha20> none{store, Encrypt<ChaCha20>{.secret = secret}};
    glass<ChaCha20> zero{store, Encrypt<ChaCha20>{.secret = secret, .context = std::string(1, '\0')}};
    BOOST_REQUIRE(none.put("key", "4") && zero.put("key", "5"));
    BOOST_CHECK_EQUAL(store.entries->size(), 5u);
    BOOST_CHECK(none.get("key").value() == "4" && zero.get("key").value() == "5");
    BOOST_CHECK(one.get("key").value() == "1" && two.get("key").value() == "2" && three.get("key").value() == "3");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_sealed_expiry_is_kept, C, ciphers)
{
    Glass store; // which never expires anything by itself
    ManualClock clock;
    glass<C> s{store, Encrypt<C>{.secret = secret, .clock = clock}};
    BOOST_REQUIRE(s.put("ten minutes", value) && s.put("a second", value, 1s) && s.put("forever", value, forever));
    BOOST_REQUIRE(s.add("added", value, 1s));
    auto const old = *store.entries;

    clock.advance(999ms);
    BOOST_CHECK(s.get("a second").hit() && s.get("added").hit());
    clock.advance(1ms);
    BOOST_CHECK(s.get("a second").miss() && s.get("added").miss());
    BOOST_CHECK(s.get("ten minutes").hit());
    clock.advance(10min);
    BOOST_CHECK(s.get("ten minutes").miss());
    BOOST_CHECK_EQUAL(s.template layer<Encrypt<C>>().expired(), 3u);

    BOOST_REQUIRE(s.put("ten minutes", "newer"));
    *store.entries = old;
    BOOST_CHECK(s.get("ten minutes").miss());
    clock.advance(100h * 24 * 365);
    BOOST_CHECK(s.get("forever").hit());
    BOOST_CHECK_EQUAL(s.template layer<Encrypt<C>>().corrupt(), 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(touch_seals_a_new_expiry, C, ciphers)
{
    Glass store;
    ManualClock clock;
    glass<C> s{store, Encrypt<C>{.secret = secret, .clock = clock}};
    BOOST_REQUIRE(s.put("key", value, 1s));
    auto const before = *store.entries;
    BOOST_CHECK(s.touch("key", 10s).hit());
    BOOST_CHECK(*store.entries != before);
    clock.advance(9s);
    BOOST_CHECK(s.get("key").value() == value);
    clock.advance(1s);
    BOOST_CHECK(s.touch("key", 10s).miss());
    BOOST_CHECK(s.touch("another", 10s).miss());
    BOOST_CHECK(s.get("key").miss());
    store.entries->begin()->second.back() ^= 1;
    BOOST_CHECK(s.touch("key", 10s).error() == errc::corrupt);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(padding_hides_lengths, C, ciphers)
{
    Glass store;
    glass<C> s{store, Encrypt<C>{.secret = secret, .padding = Padding::padme}};
    glass<C> unpadded{store, Encrypt<C>{.secret = secret}};
    std::set<std::size_t> sizes;
    std::set<std::size_t> expected;
    for (std::size_t n = 0; n < 3000; n += n < 300 ? 1 : 37) {
        std::string text(n, '\0'); // as the padding is
        if (n % 2) text.back() = '\x80';
        BOOST_REQUIRE(s.put("key", text));
        sizes.insert(store.entries->begin()->second.size());
        expected.insert(23 + C::nonce_size + padme(n + 1) + C::tag_size);
        BOOST_REQUIRE(s.get("key").value() == text);
        BOOST_REQUIRE(unpadded.get("key").value() == text); // what an entry has is understood
    }
    BOOST_CHECK(sizes == expected);
    BOOST_CHECK_LT(sizes.size(), 100u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(values_of_any_size, C, ciphers)
{
    stack<Memory<>, Encrypt<C>> s{Encrypt<C>{.secret = secret}};
    std::string text;
    for (std::size_t n = 0; n < 1200; ++n) {
        BOOST_REQUIRE(s.put("key", text));
        BOOST_REQUIRE(s.get("key").value() == text);
        text += static_cast<char>(n * 31);
    }
    text.assign(5'000'000, 'x');
    BOOST_REQUIRE(s.put("key", text));
    BOOST_CHECK(s.get("key").value() == text);
}

BOOST_AUTO_TEST_CASE(keys_in_pieces_are_the_same_key)
{
    Glass store;
    glass<Aes256>::with<Prefix>::with<FixedPrefix<"b.">> pieces{store, Encrypt<Aes256>{.secret = secret}, Prefix{"a."}};
    glass<Aes256> whole{store, Encrypt<Aes256>{.secret = secret}};
    BOOST_REQUIRE(pieces.put("c", value));
    BOOST_CHECK(whole.get("a.b.c").value() == value);
}

/// Many threads use one layer over a store that is safe from many threads.
BOOST_AUTO_TEST_CASE_TEMPLATE(threads, C, ciphers)
{
    typename stack<Memory<>>::template with<Lock<>>::template with<Encrypt<C>> s{
        Encrypt<C>{.secret = secret, .retired = {secret + "1"}}};
    static_assert(decltype(s)::concurrent);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < 8; ++t) {
        workers.emplace_back([&, t] {
            for (int n = 0; n < 300; ++n) {
                std::string const key = std::to_string((n + t) % 20);
                std::string const text = key + std::string(static_cast<std::size_t>(n), 'v');
                if (!s.put(key, text)) ++wrong;
                auto const found = s.get(key);
                if (!found || found->substr(0, found->find('v')) != key) ++wrong;
            }
        });
    }
    for (auto& worker : workers) worker.join();
    BOOST_CHECK_EQUAL(wrong, 0);
    BOOST_CHECK_EQUAL(s.template layer<Encrypt<C>>().corrupt(), 0u);
}
