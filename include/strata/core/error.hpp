#pragma once

#include <boost/config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

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

namespace detail {

class outcome;

} // namespace detail

/// A failure on its way to the caller: a code, and the server's own words where it said any. It is one word, and copies
/// share what does not fit in it.
///
/// Codes of `errc`, of the generic and of the system category need no memory. Words do, and so do codes of other
/// categories: where there is none, the failure has its code without the words, or is `std::errc::not_enough_memory`.
class failure {
public:
    failure(std::error_code code) noexcept : word_{word_of(code, {})} {}
    failure(errc code) noexcept : word_{inlined(tag_strata, static_cast<int>(code))} {}
    failure(std::errc code) noexcept : word_{inlined(tag_generic, static_cast<int>(code))} {}
    failure(std::error_code code, std::string_view text) noexcept : word_{word_of(code, text)} {}

    failure(failure const& other) noexcept : word_{other.word_}
    {
        if (has_record()) [[unlikely]] share(word_);
    }
    failure(failure&& other) noexcept : word_{other.word_}
    {
        if (has_record()) [[unlikely]] other.word_ = moved_from;
    }
    failure& operator=(failure const& other) noexcept
    {
        if (other.has_record()) [[unlikely]] share(other.word_);
        replace(other.word_);
        return *this;
    }
    failure& operator=(failure&& other) noexcept
    {
        auto const word = other.word_;
        if (other.has_record()) [[unlikely]] other.word_ = moved_from;
        replace(word);
        return *this;
    }
    BOOST_FORCEINLINE ~failure()
    {
        if (has_record()) [[unlikely]] release(word_);
    }

    [[nodiscard]] std::error_code code() const noexcept { return code_of(word_); }

    /// What the server said; empty where nothing was said. It never holds a secret, a key or a value of ours
    /// unless the server chose to repeat it.
    [[nodiscard]] std::string_view text() const noexcept
    {
        return has_record() ? record(word_)->text() : std::string_view{};
    }

    [[noreturn]] void raise() const { raise(code(), text()); }

private:
    friend class detail::outcome;
    friend class status;

    /// What lies elsewhere: shared by copies, the text behind it.
    struct shared_record {
        std::error_code code;
        std::size_t size;
        std::atomic<std::size_t> owners{1};

        [[nodiscard]] char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
        [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<char const*>(this + 1), size}; }
    };

    // The address of a record is even. All else is odd: the two outcomes that are no failure, and codes with their
    // category.
    static constexpr std::uint64_t tag_bits = 15;
    static constexpr std::uint64_t is_hit = 1;
    static constexpr std::uint64_t is_nothing = 3; ///< A miss, or done.
    static constexpr std::uint64_t tag_strata = 5;
    static constexpr std::uint64_t tag_generic = 7;
    static constexpr std::uint64_t tag_system = 9;
    static constexpr std::uint64_t moved_from = std::uint64_t{static_cast<unsigned>(errc::unavailable)} << 32 | tag_strata;

    explicit failure(std::uint64_t word) noexcept : word_{word} {}

    [[nodiscard]] static std::uint64_t inlined(std::uint64_t tag, int code) noexcept
    {
        return std::uint64_t{static_cast<std::uint32_t>(code)} << 32 | tag;
    }
    [[nodiscard]] BOOST_NOINLINE static std::uint64_t word_of(std::error_code code, std::string_view text) noexcept
    {
        std::uint64_t plain = inlined(tag_generic, static_cast<int>(std::errc::not_enough_memory));
        bool fits = text.empty();
        if (code.category() == error_category()) {
            plain = inlined(tag_strata, code.value());
        } else if (code.category() == std::generic_category()) {
            plain = inlined(tag_generic, code.value());
        } else if (code.category() == std::system_category()) {
            plain = inlined(tag_system, code.value());
        } else {
            fits = false;
        }
        void* const memory = fits ? nullptr : ::operator new(sizeof(shared_record) + text.size(), std::nothrow);
        if (memory == nullptr) return plain;
        auto* const made = ::new (memory) shared_record{code, text.size()};
        if (!text.empty()) std::memcpy(made->bytes(), text.data(), text.size());
        return reinterpret_cast<std::uintptr_t>(made);
    }

    [[nodiscard]] bool has_record() const noexcept { return (word_ & 1) == 0; }
    [[nodiscard]] static shared_record* record(std::uint64_t word) noexcept
    {
        return reinterpret_cast<shared_record*>(static_cast<std::uintptr_t>(word));
    }

    // What is not inlined takes the word and not its address, so that on the way of a hit it stays in a register.
    [[nodiscard]] BOOST_NOINLINE static std::error_code code_of(std::uint64_t word) noexcept
    {
        auto const number = static_cast<int>(static_cast<std::uint32_t>(word >> 32));
        switch (word & tag_bits) {
        case tag_strata: return {number, error_category()};
        case tag_generic: return {number, std::generic_category()};
        case tag_system: return {number, std::system_category()};
        default: return record(word)->code;
        }
    }
    BOOST_NOINLINE static void share(std::uint64_t word) noexcept
    {
        record(word)->owners.fetch_add(1, std::memory_order_relaxed);
    }
    BOOST_NOINLINE static void release(std::uint64_t word) noexcept
    {
        if (record(word)->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        record(word)->~shared_record();
        ::operator delete(record(word));
    }
    [[noreturn]] BOOST_NOINLINE static void raise(std::error_code code, std::string_view text)
    {
        throw std::system_error{code, std::string{text}};
    }
    void replace(std::uint64_t word) noexcept
    {
        if (has_record()) [[unlikely]] release(word_);
        word_ = word;
    }

    std::uint64_t word_;
};

/// What `lookup::value()` throws for a miss.
class missing : public std::out_of_range {
public:
    missing() : std::out_of_range{"strata: there is no entry under this key"} {}
};

} // namespace strata
