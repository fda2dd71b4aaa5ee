#define BOOST_TEST_MODULE layer_encrypt_format
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include "../support/glass.hpp"

#include <boost/mpl/list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Reads entries as `doc/encryption.md` describes them, straight on Botan, and writes one for the layer to read.

using namespace strata;
using namespace std::chrono_literals;
using ciphers = boost::mpl::list<ChaCha20, Aes256, AesSiv>;

namespace {

using octets = Botan::secure_vector<std::uint8_t>;

std::string const secret = "thirty-two bytes of a real secret";
std::string const context = "an application";

octets to_octets(std::string_view text) { return {text.begin(), text.end()}; }

octets hmac(octets const& key, std::string_view text)
{
    auto const mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    mac->set_key(key.data(), key.size());
    mac->update(reinterpret_cast<std::uint8_t const*>(text.data()), text.size());
    octets out(32);
    mac->final(out.data());
    return out;
}

octets hkdf(std::uint8_t suite, std::string_view label, std::size_t size)
{
    std::string const salt = "strata encrypt" + context + '\x01' + static_cast<char>(suite);
    auto const extracted = hmac(to_octets(salt), secret);
    octets out;
    std::string block;
    for (char n = 1; out.size() < size; ++n) {
        auto const next = hmac(extracted, block + std::string{label} + n);
        out.insert(out.end(), next.begin(), next.end());
        block.assign(next.begin(), next.end());
    }
    out.resize(size);
    return out;
}

/// All that is derived from the secret and a cache key.
template <class C> struct derived {
    std::string id;
    octets hash;
    octets entry_key;

    explicit derived(std::string_view key)
    {
        auto const public_id = hkdf(C::suite, "key id", 4);
        id.assign(public_id.begin(), public_id.end());
        hash = hmac(hkdf(C::suite, "index key", 32), key);
        octets const value_keys = hkdf(C::suite, "value key", C::key_size);
        for (std::size_t at = 0; at < C::key_size; at += 32) {
            auto const part = hmac(octets(value_keys.begin() + static_cast<std::ptrdiff_t>(at),
                                          value_keys.begin() + static_cast<std::ptrdiff_t>(at) + 32), key);
            entry_key.insert(entry_key.end(), part.begin(), part.end());
        }
    }

    [[nodiscard]] octets run(Botan::AEAD_Mode& aead, std::string_view header, std::string_view nonce,
                             std::string_view text) const
    {
        octets associated = to_octets(header);
        associated.insert(associated.end(), hash.begin(), hash.end());
        associated.insert(associated.end(), context.begin(), context.end());
        aead.set_key(entry_key.data(), entry_key.size());
        aead.set_associated_data(associated.data(), associated.size());
        aead.start(reinterpret_cast<std::uint8_t const*>(nonce.data()), nonce.size());
        octets out = to_octets(text);
        aead.finish(out);
        return out;
    }
};

std::string big_endian(std::int64_t n)
{
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift);
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(an_entry_is_as_described, C, ciphers)
{
    Glass store;
    ManualClock clock;
    clock.advance(std::chrono::milliseconds{1'700'000'000'000 - 1});
    typename stack<Glass>::with<Encrypt<C>> s{
        store, Encrypt<C>{.secret = secret, .context = context, .hash_size = 24, .clock = clock}};
    BOOST_REQUIRE(s.put("a key", "a value", 5s));
    auto const& [key, stored] = *store.entries->begin();
    derived<C> const d{"a key"};
    BOOST_CHECK(key == std::string(d.hash.begin(), d.hash.begin() + 24));

    std::string const header = stored.substr(0, 23);
    BOOST_CHECK((header == std::string{'\x01', static_cast<char>(C::suite)} + d.id + '\0' +
                               big_endian(1'700'000'000'000) + big_endian(1'700'000'005'000)));
    auto const aead = Botan::AEAD_Mode::create_or_throw(std::string{C::algorithm}, detail::botan::decryption);
    auto const opened = d.run(*aead, header, std::string_view{stored}.substr(23, C::nonce_size),
                              std::string_view{stored}.substr(23 + C::nonce_size));
    BOOST_CHECK(std::string(opened.begin(), opened.end()) == "a value");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_entry_as_described_is_read, C, ciphers)
{
    Glass store;
    ManualClock clock;
    typename stack<Glass>::with<Encrypt<C>> s{
        store, Encrypt<C>{.secret = secret, .context = context, .hash_size = 32, .clock = clock}};
    derived<C> const d{"a key"};
    std::string const nonce(C::nonce_size, 'n');
    std::string const text = "padded";
    auto const aead = Botan::AEAD_Mode::create_or_throw(std::string{C::algorithm}, detail::botan::encryption);
    std::string& stored = (*store.entries)[std::string(d.hash.begin(), d.hash.end())];
    auto const write = [&](Padding padding, std::string const& padded) {
        std::string const header = std::string{'\x01', static_cast<char>(C::suite)} + d.id +
                                   static_cast<char>(padding) + big_endian(0) + big_endian(INT64_MAX);
        auto const sealed = d.run(*aead, header, nonce, padded);
        stored = header + nonce + std::string(sealed.begin(), sealed.end());
    };
    write(Padding::none, text);
    BOOST_CHECK(s.get("a key").value() == text);
    write(Padding::padme, text + '\x80' + std::string(9, '\0'));
    BOOST_CHECK(s.get("a key").value() == text);

    // What has no end of padding, or an unknown padding, was sealed by somebody who knows the secret, and is wrong.
    for (std::string const& bad : {std::string{}, std::string(9, '\0'), text, text + std::string(9, '\0')}) {
        write(Padding::padme, bad);
        BOOST_CHECK(s.get("a key").error() == errc::corrupt);
    }
    write(static_cast<Padding>(2), text);
    BOOST_CHECK(s.get("a key").error() == errc::corrupt);
}
