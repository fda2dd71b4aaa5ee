#pragma once

#include <strata/cipher/detail/botan.hpp>
#include <strata/core/value.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>

namespace strata {

/// A secret as a setting: bytes in memory that is scrubbed when it is freed, and locked against swapping where the
/// system allows it. It is made from any text or bytes, has no default, and cannot be printed. It copies: scrub the
/// string that it was made from, if that must not stay behind.
class secret_bytes {
public:
    template <byte_view T>
        requires(!std::same_as<T, secret_bytes>)
    secret_bytes(T const& from)
    {
        std::string_view const given = view_bytes(from);
        bytes_.assign(given.begin(), given.end());
    }

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

    /// The secret itself, for those who derive keys from it.
    [[nodiscard]] std::span<std::uint8_t const> reveal() const noexcept { return bytes_; }

    friend bool operator==(secret_bytes const&, secret_bytes const&) = default;
    friend std::ostream& operator<<(std::ostream&, secret_bytes const&) = delete;

private:
    detail::botan::byte_buffer bytes_;
};

} // namespace strata
