#define BOOST_TEST_MODULE layer_ctu_encrypt
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include "../support/glass.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/mpl/list.hpp>

#include <atomic>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using ciphers = boost::mpl::list<Salsa20, ChaCha20, Aes128Cbc>;

namespace {

template <class C> using glass = stack<Glass>::with<CtuEncrypt<C>>;

std::string counting(int count)
{
    std::string out;
    for (int i = 0; i < count; ++i) out += static_cast<char>(i);
    return out;
}

std::string const secret = counting(32);
std::string const value = counting(70);

std::string from_hex(std::string_view text)
{
    std::string out;
    boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(out));
    return out;
}

/// What CacheToolsUtils stores for the key "key" and the value above, with hsize 20 and csize 4.
std::string const recorded_key = from_hex("caf5c82aeefb42601178c9bc36966a6bd86d87b2");
template <class C> std::string recorded();
template <> std::string recorded<Salsa20>()
{
    return from_hex("97a26b0eb2bfb035ef55a9161514dc20fa8cdb0b9b306764cbd672bdc53e2940291f2a1092d2fe778c565081"
                    "403f8a27fe3f5303d45eda0a091b44019e5f43b1649a0f46233902e43ea9");
}
template <> std::string recorded<ChaCha20>()
{
    return from_hex("97a26b0e4e9a5265e52976217bf9736c67f3d32dc399de7853060c7bf54f495bd4fcac3c00db8803f748162c"
                    "314ce850169223485d156e65832c49710f5e9baeae35f2b61f53b798487b");
}
template <> std::string recorded<Aes128Cbc>()
{
    return from_hex("97a26b0eac9df36ed3b387f9a0c05af4183e9097231b435578ade9c80496d39fb52d0fb8f093c83b3807bf4b"
                    "bf4e186f8d3ec2961ff57c3862c1d18f41582c42131b9f1a132e99b8442baa1b3240076e7ba3e754");
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(writes_the_recorded_bytes, C, ciphers)
{
    Glass store;
    glass<C> s{store, CtuEncrypt<C>{.secret = secret, .hsize = 20, .csize = 4}};
    BOOST_REQUIRE(s.put("key", value));
    BOOST_CHECK(store.entries->begin()->first == recorded_key);
    BOOST_CHECK(store.entries->begin()->second == recorded<C>());
    BOOST_REQUIRE(s.put("key", value)); // with objects that were used before
    BOOST_CHECK(store.entries->begin()->second == recorded<C>());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reads_the_recorded_bytes, C, ciphers)
{
    Glass store;
    store.entries->emplace(recorded_key, recorded<C>());
    glass<C> s{store, CtuEncrypt<C>{.secret = secret, .hsize = 20, .csize = 4}};
    BOOST_CHECK(s.get("key").value() == value);
    BOOST_CHECK(s.contains("key").hit() && s.touch("key", 1h).hit() && s.add("key", "x").error() == errc::exists);
    BOOST_CHECK(store.entries->at(recorded_key) == recorded<C>());
    BOOST_CHECK(s.erase("key").hit() && s.get("key").miss() && s.touch("key", 1h).miss());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(values_of_any_size, C, ciphers)
{
    for (std::size_t const csize : {0u, 1u, 32u}) {
        Glass store;
        typename glass<C>::template with<Prefix> s{store, CtuEncrypt<C>{.secret = secret, .csize = csize},
                                                   Prefix{"p."}};
        std::string text;
        for (std::size_t n = 0; n < 200; ++n) {
            BOOST_REQUIRE(s.put("key", text));
            BOOST_REQUIRE(s.get("key").value() == text);
            text += static_cast<char>(n * 7);
        }
        auto const found = s.get_many({"key", "other"});
        BOOST_CHECK(found[0].hit() && found[1].miss());
        BOOST_CHECK_EQUAL(store.entries->begin()->first.size(), 16u);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_the_checksum_sees_is_corrupt, C, ciphers)
{
    Glass store;
    glass<C> s{store, CtuEncrypt<C>{.secret = secret, .csize = 8}};
    BOOST_REQUIRE(s.put("key", value));
    std::string& stored = store.entries->begin()->second;
    std::string const good = stored;
    std::size_t rejected = 0;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        stored[bit / 8] = static_cast<char>(stored[bit / 8] ^ (1 << bit % 8));
        rejected += s.get("key").error() == errc::corrupt;
        stored = good;
    }
    BOOST_CHECK_EQUAL(rejected, good.size() * 8);
    for (std::size_t n = 0; n < good.size(); ++n) {
        stored = good.substr(0, n);
        BOOST_CHECK(s.get("key").error() == errc::corrupt);
    }
    stored = good;
    BOOST_CHECK(s.get("key").value() == value);
    BOOST_CHECK_EQUAL(s.template layer<CtuEncrypt<C>>().corrupt(), good.size() * 9);
}

/// Without a checksum, CBC still finds lengths and paddings that cannot be.
BOOST_AUTO_TEST_CASE(blocks_that_cannot_be_are_corrupt)
{
    Glass store;
    glass<Aes128Cbc> s{store, CtuEncrypt<Aes128Cbc>{.secret = secret}};
    BOOST_REQUIRE(s.put("key", value));
    std::string& stored = store.entries->begin()->second;
    std::string const good = stored;
    for (std::size_t n = 0; n < good.size(); ++n) {
        if (n > 0 && n % 16 == 0) continue; // whole blocks may end in a good padding by chance
        stored = good.substr(0, n);
        BOOST_CHECK(s.get("key").error() == errc::corrupt);
    }
    stored = good;
    BOOST_CHECK(s.get("key").value() == value);
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_refused)
{
    using P = CtuEncrypt<ChaCha20>;
    auto const says = [](P const& policy, std::string_view field) {
        auto const named = [&](std::invalid_argument const& e) { return std::string_view{e.what()}.starts_with(field); };
        BOOST_CHECK_EXCEPTION((glass<ChaCha20>{Glass{}, policy}), std::invalid_argument, named);
    };
    says(P{.secret = std::string(15, 'x')}, "CtuEncrypt.secret: ");
    says(P{.secret = secret, .hsize = 7}, "CtuEncrypt.hsize: ");
    says(P{.secret = secret, .hsize = 33}, "CtuEncrypt.hsize: ");
    says(P{.secret = secret, .csize = 33}, "CtuEncrypt.csize: ");
    static_assert(glass<ChaCha20>::describe() == "Glass | CtuEncrypt<ChaCha20>");
    static_assert(!std::is_default_constructible_v<P>);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_threads, C, ciphers)
{
    typename stack<Memory<>>::template with<Lock<>>::template with<CtuEncrypt<C>> s{
        CtuEncrypt<C>{.secret = secret, .csize = 4}};
    std::atomic<int> wrong = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; ++t) {
        workers.emplace_back([&, t] {
            for (int n = 0; n < 300; ++n) {
                std::string const key = std::to_string(t) + "." + std::to_string(n % 5);
                if (!s.put(key, key + value)) ++wrong;
                if (auto const found = s.get(key); !found || *found != key + value) ++wrong;
            }
        });
    }
    for (auto& worker : workers) worker.join();
    BOOST_CHECK_EQUAL(wrong, 0);
}
