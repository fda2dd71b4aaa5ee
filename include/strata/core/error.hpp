#pragma once

#include <boost/config.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// Why an operation failed, and how that is carried to the caller.
namespace strata {

/// The failures that a cache can report. `std::error_code` compares with them directly.
enum class errc {
    unavailable = 1, ///< The store cannot be reached, or the connection to it broke.
    timed_out,       ///< The deadline of the operation passed.
    protocol,        ///< The server answered something that is not its protocol.
    rejected,        ///< The server refused the operation; its words are in `error_text()`.
    unauthorized,    ///< The server asks for credentials, or refuses those it got.
    corrupt,         ///< The stored bytes cannot be decoded, or fail their authentication.
    too_large,       ///< The value (or key) is larger than the store takes.
    bad_key,         ///< The key is not one that the store can address.
    exists,          ///< `add` found an entry under the key.
    unsupported,     ///< The store cannot do this, or cannot do it for this stack's entries alone.
};

/// The category of `errc`, named "strata".
[[nodiscard]] inline std::error_category const& error_category() noexcept
{
    class category final : public std::error_category {
    public:
        char const* name() const noexcept override { return "strata"; }

        std::string message(int code) const override
        {
            switch (static_cast<errc>(code)) {
            case errc::unavailable: return "the store is unavailable";
            case errc::timed_out: return "the operation did not end before its deadline";
            case errc::protocol: return "the server broke its protocol";
            case errc::rejected: return "the server rejected the operation";
            case errc::unauthorized: return "the server did not authorize the operation";
            case errc::corrupt: return "the stored value is corrupt";
            case errc::too_large: return "the value is too large for the store";
            case errc::bad_key: return "the store cannot address this key";
            case errc::exists: return "there is an entry under this key already";
            case errc::unsupported: return "the stack does not support this operation";
            }
            return "unknown strata error";
        }

        std::error_condition default_error_condition(int code) const noexcept override
        {
            switch (static_cast<errc>(code)) {
            case errc::timed_out: return std::errc::timed_out;
            case errc::unauthorized: return std::errc::permission_denied;
            case errc::unsupported: return std::errc::operation_not_supported;
            default: return {code, *this};
            }
        }
    };
    static category const instance;
    return instance;
}

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), error_category()};
}

} // namespace strata

template <> struct std::is_error_code_enum<strata::errc> : std::true_type {};

namespace strata {

/// A failure on its way to the caller: a code, and the server's own words where it said any.
class failure {
public:
    failure(std::error_code code) noexcept : code_{code} {}
    failure(errc code) noexcept : code_{code} {}
    failure(std::errc code) noexcept : code_{make_error_code(code)} {}
    failure(std::error_code code, std::string_view text)
        : code_{code}, text_{std::make_shared<std::string const>(text)}
    {
    }

    failure(failure const&) = default;
    failure(failure&&) noexcept = default;
    ~failure() = default;

    // Not inlined: g++ 12 would warn, in code that assigns a `lookup`, of a text that may be uninitialized.
    BOOST_NOINLINE failure& operator=(failure const& other) noexcept
    {
        code_ = other.code_;
        text_ = other.text_;
        return *this;
    }
    BOOST_NOINLINE failure& operator=(failure&& other) noexcept
    {
        code_ = other.code_;
        text_ = std::move(other.text_);
        return *this;
    }

    [[nodiscard]] std::error_code const& code() const noexcept { return code_; }

    /// What the server said; empty where nothing was said. It never holds a secret, a key or a value of ours
    /// unless the server chose to repeat it.
    [[nodiscard]] std::string_view text() const noexcept
    {
        return text_ ? std::string_view{*text_} : std::string_view{};
    }

    [[noreturn]] BOOST_NOINLINE void raise() const
    {
        throw std::system_error{code_, std::string{text()}};
    }

private:
    std::error_code code_;
    std::shared_ptr<std::string const> text_;
};

/// What `lookup::value()` throws for a miss.
class missing : public std::out_of_range {
public:
    missing() : std::out_of_range{"strata: there is no entry under this key"} {}
};

} // namespace strata
