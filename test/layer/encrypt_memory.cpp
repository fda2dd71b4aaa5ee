#define BOOST_TEST_MODULE layer_encrypt_memory
#include <boost/test/unit_test.hpp>

#include "../support/allocations.hpp"
#include "../support/glass.hpp"

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <boost/mpl/list.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using ciphers = boost::mpl::list<ChaCha20, Aes256, AesSiv>;

namespace {

std::string const secret = "thirty-two bytes of a real secret";

/// What Botan allocates by itself for sealing and opening a value of `size` bytes.
template <class C> class bare {
public:
    explicit bare(std::size_t size) : text_(size)
    {
        text_.reserve(2 * size + 4096);
        aead_[0] = Botan::AEAD_Mode::create_or_throw(std::string{C::algorithm}, detail::botan::encryption);
        aead_[1] = Botan::AEAD_Mode::create_or_throw(std::string{C::algorithm}, detail::botan::decryption);
    }

    void run()
    {
        std::uint8_t const bytes[128] = {};
        for (auto& aead : aead_) {
            aead->set_key(bytes, C::key_size);
            aead->set_associated_data(bytes, 55);
            aead->start(bytes, C::nonce_size);
            std::size_t const bulk = (text_.size() - aead->minimum_final_size()) / 64 * 64;
            std::size_t const done = aead->process(text_.data(), bulk);
            last_.reserve(2 * text_.size() + 4096);
            last_.assign(text_.begin() + static_cast<std::ptrdiff_t>(bulk), text_.end());
            aead->finish(last_);
            text_.resize(done + last_.size());
            std::copy(last_.begin(), last_.end(), text_.begin() + static_cast<std::ptrdiff_t>(done));
        }
    }

private:
    Botan::secure_vector<std::uint8_t> text_;
    Botan::secure_vector<std::uint8_t> last_;
    std::unique_ptr<Botan::AEAD_Mode> aead_[2];
};

/// Allocations in one of many calls, after some that warm up.
template <class F> double allocations_each(F&& f)
{
    for (int i = 0; i < 10; ++i) f();
    auto const before = allocations::count;
    for (int i = 0; i < 1000; ++i) f();
    return static_cast<double>(allocations::count - before) / 1000;
}

bool shows(std::string_view memory, std::string_view text)
{
    for (std::size_t at = 0; at + 8 <= text.size(); ++at) {
        if (memory.find(text.substr(at, 8)) != memory.npos) return true;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(the_layer_allocates_nothing_of_its_own, C, ciphers)
{
    for (std::size_t const size : {64u, 1024u, 16384u}) {
        typename stack<Memory<>>::template with<Encrypt<C>>::template with<Prefix> s{Encrypt<C>{.secret = secret},
                                                                                    Prefix{"p."}};
        std::string const value(size, 'v');
        std::string out;
        double const layer = allocations_each([&] {
            BOOST_ASSERT(s.put("key", value));
            BOOST_ASSERT(s.get_to("key", out));
        });
        stack<Memory<>>::with<Prefix> plain{Prefix{"p."}};
        double const store = allocations_each([&] {
            BOOST_ASSERT(plain.put("key", value));
            BOOST_ASSERT(plain.get_to("key", out));
        });
        bare<C> botan{size};
        double const ciphers_alone = allocations_each([&] { botan.run(); });
        BOOST_TEST_MESSAGE(C::name.view() << ", " << size << " bytes: " << layer << " allocations, " << ciphers_alone
                                          << " of Botan, " << store << " of the store");
        if (allocations::counted) BOOST_CHECK_LE(layer, ciphers_alone + store + 0.01);
    }
}

/// What an entry that fails its check decrypts to is nowhere in the buffer afterwards.
BOOST_AUTO_TEST_CASE_TEMPLATE(the_plaintext_of_a_failed_check_is_scrubbed, C, ciphers)
{
    std::string const value = "a plain text of some length, of which no part may stay behind: 0123456789abcdefghijklmnop";
    Glass store;
    ManualClock clock;
    typename stack<Glass>::template with<Encrypt<C>> s{store, Encrypt<C>{.secret = secret, .clock = clock}};
    BOOST_REQUIRE(s.put("key", value, 1s));
    auto& layer = s.template layer<Encrypt<C>>();
    auto const at = layer.key(key_view{std::string_view{"key"}});
    typename std::remove_reference_t<decltype(layer)>::buffer out;
    out.reserve(4096);
    auto const memory = [&] { return std::string_view{reinterpret_cast<char const*>(out.data()), 4096}; };

    std::string stored = store.entries->begin()->second;
    BOOST_REQUIRE(layer.open(at, stored, out).hit());
    BOOST_CHECK(shows(memory(), value)); // it would be seen
    std::fill_n(out.data(), out.size(), std::uint8_t{0});

    stored.back() ^= 1;
    BOOST_CHECK(layer.open(at, stored, out).error() == errc::corrupt);
    BOOST_CHECK(out.empty() && !shows(memory(), value));

    stored.back() ^= 1;
    clock.advance(1s);
    BOOST_CHECK(layer.open(at, stored, out).miss());
    BOOST_CHECK(out.empty() && !shows(memory(), value));
}

/// A length that an attacker chose takes no memory before it is found wrong.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_wrong_header_takes_no_memory, C, ciphers)
{
    stack<Null, Encrypt<C>> s{Encrypt<C>{.secret = secret}};
    auto& layer = s.template layer<Encrypt<C>>();
    auto const at = layer.key(key_view{std::string_view{"key"}});
    typename std::remove_reference_t<decltype(layer)>::buffer out;
    std::string const garbage(10'000'000, '\x01');
    for (std::size_t const size : {std::size_t{0}, std::size_t{1}, std::size_t{30}, garbage.size()}) {
        BOOST_CHECK(layer.open(at, std::string_view{garbage}.substr(0, size), out).error() == errc::corrupt);
        BOOST_CHECK_EQUAL(out.capacity(), 0u);
    }
}
