#pragma once

#include <strata/cipher/detail/object_pool.hpp>
#include <strata/cipher/secret.hpp>
#include <strata/core/layer.hpp>
#include <strata/layer/detail/compresses.hpp>
#include <strata/layer/detail/ctu_ciphers.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace strata {

/// The wire format of `EncryptedCache` of the Python package CacheToolsUtils, byte for byte, to share a store with
/// services that are written with it. A cipher is `Salsa20`, `ChaCha20` or `Aes128Cbc`.
///
/// Do not use it for anything else. Key and nonce depend on the cache key alone, so two values under one key are
/// encrypted with the same keystream, and who sees both can compute both from each other; nothing is authenticated, so
/// who writes the store changes values as they like; the checksum lets anyone test a guess of the value without the
/// secret; the secret cannot be rotated. `Encrypt` has none of these faults; `doc/cachetoolsutils.md` says more.
///
/// A value whose checksum is wrong, where there is one, or that cannot be decrypted is `errc::corrupt`. Safe from many
/// threads where what lies beneath is.
template <class Cipher> struct CtuEncrypt {
    secret_bytes secret;    ///< At least 16 bytes, the same as there.
    std::size_t hsize = 16; ///< Bytes of a stored key, 8 to 32.
    std::size_t csize = 0;  ///< Bytes of the checksum in front of a value, 0 to 32.

    static constexpr auto name = fixed_string{"CtuEncrypt<"} + Cipher::name + fixed_string{">"};

    template <class Next> class on {
        struct address;

    public:
        using buffer = detail::botan::byte_buffer;

        explicit on(CtuEncrypt policy) : state_{make(std::move(policy))}
        {
            static_assert(!detail::compresses<Next>(),
                          "strata: Compress stands nearer the store than CtuEncrypt, where it would compress "
                          "ciphertext, which does not shrink; put with<Compress<...>> after with<CtuEncrypt<...>>");
        }

        /// Values that failed their check or could not be decrypted.
        [[nodiscard]] std::uint64_t corrupt() const noexcept { return state_->corrupt.load(std::memory_order_relaxed); }

        template <class... Pieces> [[nodiscard]] address key(key_view<Pieces...> const& k)
        {
            address made{state_->settings.hsize};
            auto objects = take();
            auto& hash = *objects->sha3_512;
            k.for_each([&](std::string_view bytes) { hash.update(detail::botan::data(bytes), bytes.size()); });
            auto const shared = state_->settings.secret.reveal();
            hash.update(shared.data(), shared.size());
            hash.final(made.digest.data());
            objects.give_back();
            return made;
        }

        status seal(address const& at, lifetime, std::string_view in, buffer& out)
        {
            std::size_t const sum_size = state_->settings.csize;
            auto objects = take();
            out.resize(sum_size + in.size());
            if (sum_size != 0) {
                auto const sum = objects->checksum(in);
                std::copy_n(sum.begin(), sum_size, out.begin());
            }
            if (!in.empty()) std::memcpy(out.data() + sum_size, in.data(), in.size());
            objects->cipher.encrypt(at.digest, out, sum_size);
            objects.give_back();
            return {};
        }

        lookup<void> open(address const& at, std::string_view in, buffer& out)
        {
            std::size_t const sum_size = state_->settings.csize;
            if (in.size() < sum_size) return fail(out);
            auto objects = take();
            out.resize(in.size() - sum_size);
            if (!out.empty()) std::memcpy(out.data(), in.data() + sum_size, out.size());
            try {
                objects->cipher.decrypt(at.digest, out, 0);
            } catch (Botan::Exception const&) {
                return fail(out);
            }
            if (sum_size != 0) {
                auto const sum = objects->checksum({reinterpret_cast<char const*>(out.data()), out.size()});
                if (std::memcmp(sum.data(), in.data(), sum_size) != 0) return fail(out);
            }
            objects.give_back();
            return hit;
        }

        /// No lifetime is sealed here, so the store's own is enough.
        void run(asks<op::touch> auto const& r, Next& next)
        {
            only_keys hooks{*this};
            pass(hooks, next, r);
        }

    private:
        struct address {
            std::size_t hsize;
            detail::ctu_digest digest = {};

            explicit address(std::size_t size) noexcept : hsize{size} {}
            address(address const&) = default;
            address& operator=(address const&) = default;
            ~address() { detail::botan::scrub(digest); }

            [[nodiscard]] explicit operator std::string_view() const noexcept
            {
                return {reinterpret_cast<char const*>(digest.data()), hsize};
            }
        };

        struct only_keys {
            on& layer;
            template <class... Pieces> [[nodiscard]] address key(key_view<Pieces...> const& k) { return layer.key(k); }
        };

        struct objects_of_message {
            detail::botan::hash sha3_512 = Botan::HashFunction::create_or_throw("SHA-3(512)");
            detail::botan::hash sha3_256 = Botan::HashFunction::create_or_throw("SHA-3(256)");
            detail::ctu_cipher<Cipher> cipher;

            [[nodiscard]] std::array<std::uint8_t, 32> checksum(std::string_view text)
            {
                std::array<std::uint8_t, 32> sum;
                sha3_256->update(detail::botan::data(text), text.size());
                sha3_256->final(sum.data());
                return sum;
            }
        };

        struct state {
            CtuEncrypt settings;
            detail::object_pool<objects_of_message, Next::concurrent> pool = {};
            std::atomic<std::uint64_t> corrupt = 0;

            explicit state(CtuEncrypt policy) : settings{std::move(policy)} {}
        };

        [[nodiscard]] static std::unique_ptr<state> make(CtuEncrypt policy)
        {
            if (policy.secret.size() < 16) {
                throw std::invalid_argument{"CtuEncrypt.secret: a secret must have 16 bytes or more"};
            }
            if (policy.hsize < 8 || policy.hsize > 32) {
                throw std::invalid_argument{"CtuEncrypt.hsize: a stored key must have 8 to 32 bytes"};
            }
            if (policy.csize > 32) {
                throw std::invalid_argument{"CtuEncrypt.csize: a checksum must have 0 to 32 bytes"};
            }
            return std::make_unique<state>(std::move(policy));
        }

        [[nodiscard]] auto take()
        {
            return state_->pool.take([] { return std::make_unique<objects_of_message>(); });
        }

        [[nodiscard]] lookup<void> fail(buffer& out) noexcept
        {
            detail::botan::scrub(out);
            out.clear();
            state_->corrupt.fetch_add(1, std::memory_order_relaxed);
            return errc::corrupt;
        }

        std::unique_ptr<state> state_;
    };
};

} // namespace strata
