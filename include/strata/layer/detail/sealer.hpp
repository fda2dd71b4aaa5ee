#pragma once

#include <strata/cipher/cipher.hpp>
#include <strata/cipher/detail/botan.hpp>
#include <strata/cipher/detail/object_pool.hpp>
#include <strata/cipher/nonce.hpp>
#include <strata/cipher/padding.hpp>
#include <strata/cipher/secret.hpp>
#include <strata/core/clock.hpp>
#include <strata/core/key.hpp>
#include <strata/core/lifetime.hpp>
#include <strata/core/lookup.hpp>
#include <strata/layer/detail/sealed_header.hpp>
#include <strata/layer/detail/sealing_buffer.hpp>

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::detail {

/// HMAC-SHA-256 of a cache key, pieces in their order.
template <class... Pieces>
void keyed_hash(Botan::MessageAuthenticationCode& mac, key_view<Pieces...> const& key, std::uint8_t* out)
{
    key.for_each([&](std::string_view bytes) { mac.update(botan::data(bytes), bytes.size()); });
    mac.final(out);
}

/// A cache key as `Encrypt` addresses it: the stored key, and what the value is bound to.
template <class Key> struct sealed_address {
    Key key;
    std::array<std::uint8_t, 32> hash; ///< the whole hash, of which the stored key is the beginning
    std::size_t stored_size;

    [[nodiscard]] explicit operator std::string_view() const noexcept
    {
        return {reinterpret_cast<char const*>(hash.data()), stored_size};
    }
};

/// Seals and opens values under one of several secrets, the first of which is the current one. Safe from many threads
/// at once if `Concurrent`.
template <cipher Cipher, bool Concurrent> class sealer {
public:
    using buffer = sealing_buffer;

    struct settings {
        std::string context;
        std::size_t hash_size;
        Padding padding;
        clock_function clock;
    };

    sealer(std::vector<secret_bytes> const& secrets, settings chosen) : settings_{std::move(chosen)}
    {
        for (secret_bytes const& secret : secrets) keys_.emplace_back(secret, settings_.context);
        auto objects = pool_.take([&] { return make_objects(); }); // what Botan lacks shows here, not in an operation
        objects.give_back();
    }

    [[nodiscard]] std::size_t secrets() const noexcept { return keys_.size(); }

    template <class... Pieces>
    [[nodiscard]] sealed_address<key_view<Pieces...>> address(std::size_t secret, key_view<Pieces...> const& key)
    {
        sealed_address<key_view<Pieces...>> made{key, {}, settings_.hash_size};
        auto objects = take_objects();
        keyed_hash(*objects->macs[secret].index, key, made.hash.data());
        objects.give_back();
        return made;
    }

    template <class Key>
    [[nodiscard]] status seal(std::size_t secret, sealed_address<Key> const& at, lifetime ttl, std::string_view in,
                              buffer& out)
    try {
        auto const now = settings_.clock ? settings_.clock() : system_milliseconds();
        auto const header = sealed_header{.suite = Cipher::suite,
                                          .key_id = keys_[secret].id,
                                          .padding = settings_.padding,
                                          .issued = now,
                                          .expires = expiry(now, ttl)}
                                .bytes();
        std::size_t const padded = settings_.padding == Padding::none ? in.size() : padme(in.size() + 1);

        out.resize(before_text + padded + Cipher::tag_size);
        scrub_guard<buffer> guard{out};
        std::copy(header.begin(), header.end(), out.begin());
        std::span<std::uint8_t> const nonce{out.data() + header.size(), Cipher::nonce_size};
        fill_nonce(nonce);
        auto const text = std::span<std::uint8_t>{out}.subspan(before_text);
        copy_bytes(in, text.data());
        if (settings_.padding != Padding::none) {
            text[in.size()] = end_of_value;
            std::ranges::fill(text.subspan(in.size() + 1, padded - in.size() - 1), std::uint8_t{0});
        }

        auto objects = take_objects();
        start(*objects->encryption, *objects, secret, at, header.data(), nonce);
        apply(*objects->encryption, text, padded, padded + Cipher::tag_size, objects->last);
        if (out.size() <= largest_kept) objects.give_back();
        guard.keep();
        return {};
    } catch (Botan::Exception const&) {
        return std::errc::io_error; // the system gives no random bytes; nothing has been stored
    }

    template <class Key>
    [[nodiscard]] lookup<void> open(std::size_t secret, sealed_address<Key> const& at, std::string_view in, buffer& out)
    {
        if (in.size() < before_text + Cipher::tag_size) return corrupt();
        auto const* const bytes = botan::data(in);
        auto const header = sealed_header::parse(bytes);
        if (header.version != sealed_header::current_version || header.suite != Cipher::suite ||
            header.key_id != keys_[secret].id || header.padding > Padding::padme) {
            return corrupt();
        }

        out.resize(in.size() - before_text);
        copy_bytes(in.substr(before_text), out.data());
        scrub_guard<buffer> guard{out};
        auto objects = take_objects();
        try {
            start(*objects->decryption, *objects, secret, at, bytes, {bytes + sealed_header::size, Cipher::nonce_size});
            std::size_t const size = out.size() - Cipher::tag_size;
            apply(*objects->decryption, out, size + Cipher::tag_size, size, objects->last);
            out.resize(size);
        } catch (Botan::Exception const&) {
            objects->decryption->clear();
            if (in.size() <= largest_kept) objects.give_back();
            return corrupt();
        }
        if (in.size() <= largest_kept) objects.give_back();

        if (header.padding == Padding::padme && !unpad(out)) return corrupt();
        auto const now = settings_.clock ? settings_.clock() : system_milliseconds();
        if (header.expires != sealed_header::never && header.expires <= now) {
            expired_.fetch_add(1, std::memory_order_relaxed);
            return miss;
        }
        guard.keep();
        return hit;
    }

    [[nodiscard]] std::uint64_t corrupt_count() const noexcept { return corrupt_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t expired_count() const noexcept { return expired_.load(std::memory_order_relaxed); }

private:
    static constexpr std::size_t before_text = sealed_header::size + Cipher::nonce_size;
    static constexpr std::size_t hash_bytes = 32;
    static constexpr std::size_t hashes_per_key = (Cipher::key_size + hash_bytes - 1) / hash_bytes;
    static constexpr std::uint8_t end_of_value = 0x80; // ISO/IEC 7816-4: then zeros

    /// Objects that have seen a longer message are not used again: they may hold buffers of its length.
    static constexpr std::size_t largest_kept = std::size_t{1} << 20;

    /// What is derived from a secret, once. The suite is part of the salt, so that no key serves two ciphers; it stands
    /// at the end and is not zero, because HMAC takes a salt and the same with zeros after it for one.
    struct derived_keys {
        botan::byte_buffer index;
        botan::byte_buffer value; ///< `hashes_per_key` keys in a row
        sealed_header::key_id_type id;

        derived_keys(secret_bytes const& secret, std::string_view context)
        {
            std::string salt{"strata encrypt"};
            salt += context;
            salt += static_cast<char>(sealed_header::current_version);
            salt += static_cast<char>(Cipher::suite);
            index = botan::hkdf_sha256(secret.reveal(), salt, "index key", hash_bytes);
            value = botan::hkdf_sha256(secret.reveal(), salt, "value key", hash_bytes * hashes_per_key);
            auto const public_id = botan::hkdf_sha256(secret.reveal(), salt, "key id", id.size());
            std::copy(public_id.begin(), public_id.end(), id.begin());
        }
    };

    /// The keyed objects that one message at a time uses.
    struct objects_of_message {
        struct secret_macs {
            botan::mac index;
            std::array<botan::mac, hashes_per_key> value;
        };
        std::vector<secret_macs> macs;
        botan::aead encryption;
        botan::aead decryption;
        std::vector<std::uint8_t> associated; ///< header, hash of the key, context
        botan::byte_buffer last;              ///< the end of the message, for which Botan wants a buffer of its own
    };
    using pool_type = object_pool<objects_of_message, Concurrent>;

    [[nodiscard]] std::unique_ptr<objects_of_message> make_objects() const
    {
        auto made = std::make_unique<objects_of_message>();
        for (derived_keys const& keys : keys_) {
            auto& macs = made->macs.emplace_back();
            macs.index = botan::make_hmac_sha256(keys.index);
            for (std::size_t i = 0; i < hashes_per_key; ++i) {
                macs.value[i] = botan::make_hmac_sha256(std::span{keys.value}.subspan(i * hash_bytes, hash_bytes));
            }
        }
        made->encryption = Botan::AEAD_Mode::create(std::string{Cipher::algorithm}, botan::encryption);
        made->decryption = Botan::AEAD_Mode::create(std::string{Cipher::algorithm}, botan::decryption);
        if (!made->encryption || !made->decryption) {
            throw std::invalid_argument{"Encrypt: Botan does not have the cipher's algorithm"};
        }
        if (made->encryption->tag_size() != Cipher::tag_size ||
            !made->encryption->valid_keylength(Cipher::key_size) ||
            !made->encryption->valid_nonce_length(Cipher::nonce_size)) {
            throw std::invalid_argument{"Encrypt: the cipher's key_size, nonce_size or tag_size is not one of its "
                                        "algorithm"};
        }
        made->associated.resize(sealed_header::size + hash_bytes);
        made->associated.insert(made->associated.end(), settings_.context.begin(), settings_.context.end());
        return made;
    }
    [[nodiscard]] auto take_objects()
    {
        return pool_.take([this] { return make_objects(); });
    }

    /// Makes `aead` ready for the message: the entry's own key, what is authenticated with it, and the nonce.
    template <class Key>
    static void start(Botan::AEAD_Mode& aead, objects_of_message& objects, std::size_t secret,
                      sealed_address<Key> const& at, std::uint8_t const* header, std::span<std::uint8_t const> nonce)
    {
        std::copy_n(header, sealed_header::size, objects.associated.begin());
        std::copy(at.hash.begin(), at.hash.end(), objects.associated.begin() + sealed_header::size);

        std::array<std::uint8_t, hash_bytes * hashes_per_key> entry_key;
        for (std::size_t i = 0; i < hashes_per_key; ++i) {
            keyed_hash(*objects.macs[secret].value[i], at.key, entry_key.data() + i * hash_bytes);
        }
        if constexpr (Cipher::suite > 127) aead.reset(); // Botan 2.19 has modes that finish without it, EAX among them
        aead.set_key(entry_key.data(), Cipher::key_size);
        botan::scrub(entry_key);
        aead.set_associated_data(objects.associated.data(), objects.associated.size());
        aead.start(nonce.data(), nonce.size());
    }

    /// Runs the first `before` bytes of `text` through `aead`, in place, to give `after` bytes.
    static void apply(Botan::AEAD_Mode& aead, std::span<std::uint8_t> text, std::size_t before, std::size_t after,
                      botan::byte_buffer& last)
    {
        std::size_t bulk = before - aead.minimum_final_size();
        bulk -= bulk % aead.update_granularity();
        std::size_t const done = bulk == 0 ? 0 : aead.process(text.data(), bulk);
        last.reserve(before - bulk + Cipher::tag_size);
        last.resize(before - bulk);
        std::memcpy(last.data(), text.data() + bulk, last.size());
        scrub_guard<botan::byte_buffer> const guard{last};
        aead.finish(last, 0);
        if (done + last.size() != after) throw Botan::Invalid_State{"strata: the cipher's tag has another length"};
        std::memcpy(text.data() + done, last.data(), last.size());
    }

    [[nodiscard]] static std::int64_t expiry(std::int64_t now, lifetime ttl) noexcept
    {
        constexpr auto never = sealed_header::never;
        if (ttl.is_default() || ttl.is_forever() || ttl.count() >= never - std::max<std::int64_t>(now, 0)) return never;
        return now + ttl.count();
    }

    static void copy_bytes(std::string_view in, std::uint8_t* out) noexcept
    {
        if (!in.empty()) std::memcpy(out, in.data(), in.size());
    }

    /// Cuts the padding off an authenticated value.
    [[nodiscard]] static bool unpad(buffer& value)
    {
        std::size_t end = value.size();
        while (end > 0 && value[end - 1] == 0) --end;
        if (end == 0 || value[end - 1] != end_of_value) return false;
        value.resize(end - 1);
        return true;
    }

    [[nodiscard]] lookup<void> corrupt() noexcept
    {
        corrupt_.fetch_add(1, std::memory_order_relaxed);
        return errc::corrupt;
    }

    /// Some milliseconds old at most, which is less than what the clocks of two machines differ by, and much cheaper
    /// than a clock that is not.
    [[nodiscard]] static std::int64_t system_milliseconds() noexcept
    {
#ifdef CLOCK_REALTIME_COARSE
        timespec now{};
        if (::clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0) return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
#endif
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }

    settings settings_;
    std::vector<derived_keys> keys_;
    pool_type pool_;
    std::atomic<std::uint64_t> corrupt_ = 0;
    std::atomic<std::uint64_t> expired_ = 0;
};

} // namespace strata::detail
