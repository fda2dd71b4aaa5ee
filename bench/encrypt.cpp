/// What `Encrypt` costs for each value, against the construction that it replaces: SHA3-512 of key and secret, whose
/// halves are the key and the nonce of Salsa20, written straight on Botan, with no authentication and no fresh nonce.
/// Key hash, entry key and nonce are included; the making of objects is not. The rows set back are the operations of
/// Botan that `Encrypt` cannot do without, so they are the bound of what the layer can reach. `bench.encrypt [rounds]`
/// prints medians of interleaved rounds, and the allocations in them.

#include "support/counters.hpp"

#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <botan/hash.h>
#include <botan/stream_cipher.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace strata;

std::string const secret(32, 's');

/// One value, the first that was put: the store costs nothing.
struct OneValue {
    static constexpr fixed_string name{"OneValue"};

    class store {
    public:
        using key_type = bytes;
        using value_type = bytes;
        static constexpr bool concurrent = false;

        [[nodiscard]] static constexpr lifetime default_lifetime() noexcept { return std::chrono::minutes{10}; }

        void run(asks<op::get> auto const& r) { r.sink.hit(0, std::string_view{value_}); }
        void run(asks<op::erase> auto const& r) { fail_all(r, errc::unsupported); }
        void run(asks<op::put> auto const& r)
        {
            r.source(0, [&](std::string_view value) {
                if (value_.empty()) value_ = value;
                r.sink.hit(0);
            });
        }

    private:
        std::string value_;
    };
};

/// The construction to compare with, its objects made once.
class unsafe {
public:
    void put(std::string_view key, std::string_view value) { crypt(key, value, value_); }
    void get_to(std::string_view key, std::string& out) { crypt(key, value_, out); }

private:
    void crypt(std::string_view key, std::string_view in, std::string& out)
    {
        hash_->update(reinterpret_cast<std::uint8_t const*>(key.data()), key.size());
        hash_->update(reinterpret_cast<std::uint8_t const*>(secret.data()), secret.size());
        std::array<std::uint8_t, 64> digest;
        hash_->final(digest.data());
        cipher_->set_key(digest.data() + 32, 32);
        cipher_->set_iv(digest.data() + 24, 8);
        out.resize(in.size());
        cipher_->cipher(reinterpret_cast<std::uint8_t const*>(in.data()), reinterpret_cast<std::uint8_t*>(out.data()),
                        in.size());
    }

    std::unique_ptr<Botan::HashFunction> hash_ = Botan::HashFunction::create_or_throw("SHA-3(512)");
    std::unique_ptr<Botan::StreamCipher> cipher_ = Botan::StreamCipher::create_or_throw("Salsa20");
    std::string value_;
};

/// The operations of Botan that `Encrypt` needs for a value, without a layer: what remains to it is its own cost.
class bare {
public:
    explicit bare(std::string const& algorithm, std::size_t nonce_size)
        : nonce_(nonce_size)
        , encryption_{Botan::AEAD_Mode::create_or_throw(algorithm, detail::botan::encryption)}
        , decryption_{Botan::AEAD_Mode::create_or_throw(algorithm, detail::botan::decryption)}
    {
        text_.reserve(1 << 15);
    }

    void put(std::string_view key, std::string_view value)
    {
        fill_nonce(nonce_);
        run(*encryption_, nonce_, key, value);
        if (!stored_.empty()) return;
        stored_nonce_ = nonce_;
        stored_.assign(text_.begin(), text_.end());
    }
    void get_to(std::string_view key, std::string& out)
    {
        run(*decryption_, stored_nonce_, key, stored_);
        out.assign(reinterpret_cast<char const*>(text_.data()), text_.size());
    }

private:
    void run(Botan::AEAD_Mode& aead, std::vector<std::uint8_t> const& nonce, std::string_view key, std::string_view in)
    {
        auto const* const bytes = reinterpret_cast<std::uint8_t const*>(key.data());
        index_->update(bytes, key.size());
        index_->final(associated_.data() + 23);
        value_->update(bytes, key.size());
        value_->final(entry_key_.data());
        aead.set_key(entry_key_.data(), entry_key_.size());
        aead.set_associated_data(associated_.data(), associated_.size());
        aead.start(nonce.data(), nonce.size());
        text_.resize(in.size());
        std::memcpy(text_.data(), in.data(), in.size());
        aead.finish(text_, 0);
    }

    std::vector<std::uint8_t> nonce_;
    std::array<std::uint8_t, 55> associated_ = {};
    std::array<std::uint8_t, 32> entry_key_ = {};
    detail::botan::mac index_ = detail::botan::make_hmac_sha256(entry_key_);
    detail::botan::mac value_ = detail::botan::make_hmac_sha256(entry_key_);
    detail::botan::aead encryption_;
    detail::botan::aead decryption_;
    detail::botan::byte_buffer text_;
    std::vector<std::uint8_t> stored_nonce_;
    std::string stored_;
};

struct row {
    char const* name;
    std::function<void(std::string_view, std::string_view)> put;
    std::function<void(std::string_view, std::string&)> get_to;
    std::vector<double> puts = {}; ///< nanoseconds each, one per round
    std::vector<double> gets = {};
    double put_allocations = 0; ///< calls of malloc and the like for one
    double get_allocations = 0;
};

template <class Cache> row make_row(char const* name, Cache& cache)
{
    return {name, [&](std::string_view key, std::string_view value) { static_cast<void>(cache.put(key, value)); },
            [&](std::string_view key, std::string& out) { static_cast<void>(cache.get_to(key, out)); }};
}

double median(std::vector<double>& times)
{
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return times[times.size() / 2];
}

template <class F> double nanoseconds_each(int count, F&& f)
{
    auto const begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) f(i);
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / count;
}

} // namespace

int main(int argc, char** argv)
{
    int const rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1001;
    std::vector<std::string> keys;
    for (int i = 0; i < 64; ++i) keys.push_back("session." + std::to_string(100000 + i * 7919));

    std::printf("%-28s %6s %8s %6s %8s %6s %11s %11s\n", "construction", "bytes", "put ns", "ratio", "get ns", "ratio",
                "put allocs", "get allocs");
    for (std::size_t const size : {64u, 1024u, 16384u}) {
        std::string const value(size, 'v');
        std::string out;
        unsafe plain;
        stack<OneValue>::with<Encrypt<ChaCha20>> chacha20{Encrypt<ChaCha20>{.secret = secret}};
        stack<OneValue>::with<Encrypt<Aes256>> aes256{Encrypt<Aes256>{.secret = secret}};
        stack<OneValue>::with<Encrypt<AesSiv>> aes_siv{Encrypt<AesSiv>{.secret = secret}};
        bare bare_chacha20{"ChaCha20Poly1305", 24};
        bare bare_aes256{"AES-256/GCM", 12};
        int const count = size > 4096 ? 10 : 50; // short, so that what disturbs the machine falls on all alike
        row rows[] = {make_row("SHA3-512 + Salsa20", plain),
                      make_row("  Botan's XChaCha20-Poly1305", bare_chacha20),
                      make_row("Encrypt<ChaCha20>", chacha20),
                      make_row("  Botan's AES-256/GCM", bare_aes256),
                      make_row("Encrypt<Aes256>", aes256),
                      make_row("Encrypt<AesSiv>", aes_siv)};
        for (int round = 0; round < rounds; ++round) {
            for (row& r : rows) {
                auto const key = [&](int i) { return std::string_view{keys[static_cast<std::size_t>(i) % keys.size()]}; };
                r.put(key(0), value);
                r.get_to(key(0), out);
                if (out != value) std::abort();
                auto const start = bench::allocations;
                r.puts.push_back(nanoseconds_each(count, [&](int i) { r.put(key(i), value); }));
                r.put_allocations = static_cast<double>(bench::allocations - start) / count;
                r.put(key(0), value);
                auto const between = bench::allocations;
                r.gets.push_back(nanoseconds_each(count, [&](int) { r.get_to(key(0), out); }));
                r.get_allocations = static_cast<double>(bench::allocations - between) / count;
                if (out != value) std::abort();
            }
        }
        double const put = median(rows[0].puts);
        double const get = median(rows[0].gets);
        for (row& r : rows) {
            std::printf("%-28s %6zu %8.0f %6.2f %8.0f %6.2f %11.2f %11.2f\n", r.name, size, median(r.puts),
                        median(r.puts) / put, median(r.gets), median(r.gets) / get, r.put_allocations,
                        r.get_allocations);
        }
    }
}
