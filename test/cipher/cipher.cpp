#define BOOST_TEST_MODULE cipher_cipher
#include <boost/test/unit_test.hpp>

#include "../support/glass.hpp"

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

using namespace strata;

namespace {

/// A user's cipher, which the library does not know.
struct Camellia {
    static constexpr fixed_string name{"Camellia"};
    static constexpr std::string_view algorithm = "Camellia-256/GCM";
    static constexpr std::uint8_t suite = 128;
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::size_t tag_size = 16;
};

/// Another one, of another shape: EAX takes nonces of any size.
struct SerpentEax {
    static constexpr fixed_string name{"SerpentEax"};
    static constexpr std::string_view algorithm = "Serpent/EAX";
    static constexpr std::uint8_t suite = 129;
    static constexpr std::size_t key_size = 24;
    static constexpr std::size_t nonce_size = 32;
    static constexpr std::size_t tag_size = 16;
};

template <class C>
concept encrypts = requires { typename Encrypt<C>; };

} // namespace

/// What a cipher may not lack or be.
namespace lacking {

struct without_name {
    static constexpr std::string_view algorithm = "Camellia-256/GCM";
    static constexpr std::uint8_t suite = 128;
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::size_t tag_size = 16;
};
struct without_suite : Camellia {
    static constexpr std::uint8_t suite = 0;
};
struct with_weak_keys : Camellia {
    static constexpr std::size_t key_size = 8;
};
struct with_short_nonces : Camellia { // random ones would come twice
    static constexpr std::size_t nonce_size = 8;
};
struct with_short_tags : Camellia { // could be guessed
    static constexpr std::size_t tag_size = 8;
};

} // namespace lacking

namespace {

using namespace lacking;

static_assert(cipher<Camellia> && cipher<SerpentEax> && encrypts<SerpentEax>);
static_assert(cipher<ChaCha20> && cipher<Aes256> && cipher<AesSiv>);
static_assert(!cipher<without_name> && !encrypts<without_name>);
static_assert(!cipher<without_suite> && !encrypts<without_suite>);
static_assert(!cipher<with_weak_keys> && !encrypts<with_weak_keys>);
static_assert(!cipher<with_short_nonces> && !encrypts<with_short_nonces>);
static_assert(!cipher<with_short_tags> && !encrypts<with_short_tags>);
static_assert(!cipher<Salsa20> && !encrypts<Aes128Cbc>); // they do not authenticate

/// Constants that are not those of the algorithm.
struct Misnamed : Camellia {
    static constexpr std::string_view algorithm = "Camellia-512/GCM";
};
struct WrongTag : Camellia {
    static constexpr std::size_t tag_size = 32;
};
struct WrongKey : Camellia {
    static constexpr std::size_t key_size = 33;
};
struct OneKey : Camellia {
    static constexpr std::string_view algorithm = "Camellia-256/SIV"; // wants two
};
struct WrongNonce : Camellia {
    static constexpr std::string_view algorithm = "ChaCha20Poly1305";
    static constexpr std::size_t nonce_size = 16;
};

std::string const secret = "thirty-two bytes of a real secret";

template <class C> using glass = stack<Glass>::with<Encrypt<C>>;

template <class C> void seals_and_opens()
{
    Glass store;
    glass<C> s{store, Encrypt<C>{.secret = secret, .padding = Padding::padme}};
    for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 100'000u}) {
        std::string const value(size, 'v');
        BOOST_REQUIRE(s.put("key", value));
        BOOST_TEST(s.get("key").value() == value);
        std::string& stored = store.entries->begin()->second;
        BOOST_TEST(stored.size() == 23 + C::nonce_size + padme(size + 1) + C::tag_size);
        BOOST_TEST(static_cast<unsigned char>(stored[1]) == C::suite);
        for (std::size_t const at : {std::size_t{0}, std::size_t{23}, stored.size() / 2, stored.size() - 1}) {
            stored[at] = static_cast<char>(stored[at] ^ 1);
            BOOST_CHECK(s.get("key").error() == errc::corrupt);
            stored[at] = static_cast<char>(stored[at] ^ 1);
        }
        BOOST_TEST(s.get("key").hit());
    }
}

template <class C> std::string refusal()
{
    try {
        glass<C>{Glass{}, Encrypt<C>{.secret = secret}};
    } catch (std::invalid_argument const& e) {
        return e.what();
    }
    return "nothing was thrown";
}

} // namespace

BOOST_AUTO_TEST_CASE(ciphers_of_the_users)
{
    static_assert(glass<Camellia>::describe() == "Glass | Encrypt<Camellia>");
    seals_and_opens<Camellia>();
    seals_and_opens<SerpentEax>();
}

/// The suite is part of the salt of each key, so one secret may serve several ciphers in one store.
BOOST_AUTO_TEST_CASE(ciphers_of_one_secret_do_not_meet)
{
    Glass store;
    glass<Camellia> mine{store, Encrypt<Camellia>{.secret = secret}};
    glass<Aes256> theirs{store, Encrypt<Aes256>{.secret = secret}};
    BOOST_REQUIRE(mine.put("key", "mine") && theirs.put("key", "theirs"));
    BOOST_TEST(store.entries->size() == 2u);
    BOOST_TEST(mine.get("key").value() == "mine");
    BOOST_TEST(theirs.get("key").value() == "theirs");
    std::swap(store.entries->begin()->second, store.entries->rbegin()->second);
    BOOST_CHECK(mine.get("key").error() == errc::corrupt);
    BOOST_CHECK(theirs.get("key").error() == errc::corrupt);
}

/// What Botan lacks, or has in another shape, shows when the cache is made and not at its first use.
BOOST_AUTO_TEST_CASE(constants_are_checked_when_a_cache_is_made)
{
    for (std::string const& text : {refusal<Misnamed>(), refusal<WrongTag>(), refusal<WrongKey>(), refusal<OneKey>(),
                                    refusal<WrongNonce>()}) {
        BOOST_TEST(text.starts_with("Encrypt: "), text);
        BOOST_TEST(text.find(secret) == text.npos);
    }
}
