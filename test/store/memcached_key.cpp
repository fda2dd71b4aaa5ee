#define BOOST_TEST_MODULE store_memcached_key
#include <boost/test/unit_test.hpp>

#include <strata/core/key.hpp>
#include <strata/store/detail/memcached_key.hpp>
#include <strata/store/detail/sha256.hpp>

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>

using strata::detail::memcached_key;
using strata::detail::sha256;

namespace {

std::string hex(std::string_view bytes)
{
    std::string text;
    for (char const c : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

std::string hashed(std::string_view message, std::size_t step)
{
    sha256 hash;
    for (; message.size() > step; message.remove_prefix(step)) hash.update(message.substr(0, step));
    hash.update(message);
    auto const digest = hash.digest();
    return hex({digest.data(), digest.size()});
}

std::string on_wire(std::string const& key)
{
    return std::string{memcached_key{strata::key_view{std::string_view{key}}}.view()};
}

} // namespace

BOOST_AUTO_TEST_CASE(sha256_gives_the_digests_of_its_standard)
{
    // FIPS 180-2, appendix B, and NIST's example of a message without bytes.
    std::string const million(1'000'000, 'a');
    for (std::size_t step : {1u, 7u, 63u, 64u, 65u, 1000u}) {
        BOOST_CHECK(hashed("", step) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        BOOST_CHECK(hashed("abc", step) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        BOOST_CHECK(hashed("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step) ==
                    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        BOOST_CHECK(hashed(million, step) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

BOOST_AUTO_TEST_CASE(most_keys_go_as_they_are)
{
    for (std::string const key : {"a", "session.alice", "with space", "caf\xc3\xa9", "\r\n", "\x01"}) {
        BOOST_CHECK(on_wire(key) == key);
    }
    BOOST_CHECK(on_wire(std::string(250, 'k')) == std::string(250, 'k'));
}

BOOST_AUTO_TEST_CASE(the_others_are_marked)
{
    std::string const zero(1, '\0');
    BOOST_CHECK(on_wire("") == zero);
    BOOST_CHECK(on_wire(zero) == zero + zero);
    BOOST_CHECK(on_wire(zero + "\x01" + "key") == zero + zero + "\x01" + "key");
    BOOST_CHECK(on_wire(zero + std::string(248, 'k')) == zero + zero + std::string(248, 'k'));
    std::string const longest = zero + std::string(249, 'k');
    BOOST_CHECK(hex(on_wire(longest)) == "0001" + hashed(longest, 64));
    std::string const beyond(251, 'k');
    BOOST_CHECK(hex(on_wire(beyond)) == "0001" + hashed(beyond, 64));
}

BOOST_AUTO_TEST_CASE(a_key_in_pieces_is_the_same_key)
{
    std::string const all = std::string(200, 'p') + std::string(100, 'q');
    for (std::size_t cut : {0u, 1u, 100u, 200u, 299u, 300u}) {
        for (std::size_t length : {300u, 250u, 200u, 1u, 0u}) {
            std::string_view const key{all.data(), length};
            std::string_view const front = key.substr(0, std::min(cut, length));
            std::string_view const back = key.substr(front.size());
            auto const pieces = strata::key_view{back}.prepend(strata::piece{front});
            BOOST_CHECK(memcached_key{pieces}.view() == on_wire(std::string{key}));
        }
    }
}

BOOST_AUTO_TEST_CASE(different_keys_stay_different)
{
    std::map<std::string, std::string> seen;
    auto const check = [&](std::string const& key) {
        std::string const wire = on_wire(key);
        BOOST_REQUIRE(!wire.empty() && wire.size() <= 250);
        auto const [at, fresh] = seen.try_emplace(wire, key);
        BOOST_REQUIRE(fresh || at->second == key);
    };
    std::minstd_rand random{3};
    for (std::size_t length = 0; length <= 1100; ++length) { // sharing prefixes
        check(std::string(length, 'x'));
        check(std::string(length, '\0'));
        check(std::string(length, 'x') + "y");
        check(std::string(1, '\0') + std::string(length, 'x'));
        check(std::string(1, '\0') + '\x01' + std::string(length, 'x'));
    }
    for (int i = 0; i < 20'000; ++i) { // of few different bytes, so that all forms come close to each other
        std::string key;
        std::size_t const length = random() % 6;
        while (key.size() < length) key += "\0\1\2a"[random() % 4];
        check(key);
        check(on_wire(key));
        check(on_wire(std::string(300, 'x') + key));
    }
}
