#pragma once

#include <strata/cipher/cipher.hpp>
#include <strata/cipher/padding.hpp>
#include <strata/cipher/secret.hpp>
#include <strata/core/clock.hpp>
#include <strata/core/layer.hpp>
#include <strata/layer/detail/compresses.hpp>
#include <strata/layer/detail/rotation.hpp>
#include <strata/layer/detail/sealer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

namespace detail {

template <class R>
concept concerns_secrets = asks<R, op::get> || asks<R, op::contains> || asks<R, op::put> || asks<R, op::add> ||
                           asks<R, op::erase>;

} // namespace detail

/// Keys are hashed and values sealed, so that the store may belong to a stranger: who reads it learns neither keys nor
/// values, who writes it can remove entries and put back old ones within their lifetime, and nothing else.
/// `doc/encryption.md` has the whole of it.
///
/// The stored key is HMAC-SHA-256 of the cache key. Each value is encrypted and authenticated under a key that only
/// who knows its cache key can derive, with a nonce fresh at each write, and bound to its place, its context and its
/// expiry. What fails the check is `errc::corrupt`; what has expired is a miss, even where the store still has it.
///
/// `touch` reads the entry and writes it anew: it is two requests, and what another writer stores between them is
/// lost. `contains` and `add` do not open the entry. Safe from many threads where what lies beneath is. Each value
/// grows by 23 bytes, nonce and tag.
template <cipher Cipher> struct Encrypt {
    secret_bytes secret;                      ///< At least 16 bytes, of high entropy. New entries are sealed under it.
    std::vector<secret_bytes> retired = {};   ///< Older secrets, the newest first, whose entries may still be read.
    std::string context = {};                 ///< Separates applications that share a secret. It is not a secret.
    std::size_t hash_size = 16;               ///< Bytes of a stored key, 16 to 32.
    Padding padding = Padding::none;          ///< Of new entries; whatever an entry has is understood.
    clock_function clock = {};                ///< Milliseconds since 1970, from any thread; empty: the system's clock.

    static constexpr auto name = fixed_string{"Encrypt<"} + Cipher::name + fixed_string{">"};

    template <class Next> class on {
        using sealer = detail::sealer<Cipher, Next::concurrent>;

    public:
        using buffer = typename sealer::buffer;

        explicit on(Encrypt policy) : sealer_{make(std::move(policy))}
        {
            static_assert(!detail::compresses<Next>(),
                          "strata: Compress stands nearer the store than Encrypt, where it would compress ciphertext, "
                          "which does not shrink; put with<Compress<...>> after with<Encrypt<...>>");
        }

        /// Entries that failed their check: forged, damaged, moved, or written under a secret or in a way unknown here.
        [[nodiscard]] std::uint64_t corrupt() const noexcept { return sealer_->corrupt_count(); }

        /// Entries that the store still had after their expiry.
        [[nodiscard]] std::uint64_t expired() const noexcept { return sealer_->expired_count(); }

        template <class... Pieces> [[nodiscard]] auto key(key_view<Pieces...> const& k)
        {
            return sealer_->address(0, k);
        }
        template <class At> status seal(At const& at, lifetime ttl, std::string_view in, buffer& out)
        {
            return sealer_->seal(0, at, ttl, in, out);
        }
        template <class At> lookup<void> open(At const& at, std::string_view in, buffer& out)
        {
            return sealer_->open(0, at, in, out);
        }

        template <class R>
            requires detail::concerns_secrets<R>
        void run(R const& r, Next& next)
        {
            if (sealer_->secrets() == 1) return pass(*this, next, r);
            detail::rotation<sealer, Next>{*sealer_, next}.run(r);
        }
        void run(asks<op::touch> auto const& r, Next& next)
        {
            detail::rotation<sealer, Next>{*sealer_, next}.run(r);
        }

    private:
        [[nodiscard]] static std::unique_ptr<sealer> make(Encrypt policy)
        {
            if (policy.secret.size() < 16) {
                throw std::invalid_argument{"Encrypt.secret: a secret must have 16 bytes or more"};
            }
            if (policy.hash_size < 16 || policy.hash_size > 32) {
                throw std::invalid_argument{"Encrypt.hash_size: a stored key must have 16 to 32 bytes"};
            }
            if (policy.padding != Padding::none && policy.padding != Padding::padme) {
                throw std::invalid_argument{"Encrypt.padding: there is no such padding"};
            }
            std::vector<secret_bytes> secrets{std::move(policy.secret)};
            for (secret_bytes& old : policy.retired) {
                if (old.size() < 16) {
                    throw std::invalid_argument{"Encrypt.retired: a secret must have 16 bytes or more"};
                }
                for (secret_bytes const& other : secrets) {
                    if (old == other) throw std::invalid_argument{"Encrypt.retired: a secret stands twice"};
                }
                secrets.push_back(std::move(old));
            }
            return std::make_unique<sealer>(
                secrets, typename sealer::settings{std::move(policy.context), policy.hash_size, policy.padding,
                                                   std::move(policy.clock)});
        }

        std::unique_ptr<sealer> sealer_;
    };
};

} // namespace strata
