#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

/// A reply of a Redis server as it is read: part by part, without an object in between.
namespace strata::detail::redis {

enum class reply_kind : unsigned char { bulk, status, error, integer, nil, array };

/// One part of a reply: the reply itself, or an element of an array.
struct reply_part {
    reply_kind kind;
    unsigned depth;        ///< 0: the reply itself; 1: an element of it; 2: what is within that.
    std::size_t index;     ///< The place among the elements of an array; 0 for the reply itself.
    std::string_view text; ///< Of `bulk`, `status` and `error`: where it was received, for the call alone.
    long long number;      ///< Of `integer`; the number of elements of an `array`.
};

/// A set of kinds, for what a reply may be as a whole.
class reply_kinds {
public:
    constexpr reply_kinds() noexcept = default;
    constexpr reply_kinds(std::initializer_list<reply_kind> kinds) noexcept
    {
        for (reply_kind const kind : kinds) bits_ |= 1u << static_cast<unsigned>(kind);
    }
    [[nodiscard]] constexpr bool contain(reply_kind kind) const noexcept
    {
        return (bits_ >> static_cast<unsigned>(kind) & 1u) != 0;
    }

private:
    unsigned bits_ = 0;
};

/// Takes the parts of one or more replies in their order.
class reply_handler {
public:
    /// False: this is no reply to what was asked, and the connection is not to be trusted any more.
    /// What it throws reaches the caller of the operation, and the connection is closed.
    [[nodiscard]] virtual bool take(reply_part const& part) = 0;

protected:
    ~reply_handler() = default;
};

} // namespace strata::detail::redis
