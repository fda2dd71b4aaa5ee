#pragma once

#include <cstddef>
#include <string_view>

/// A reply of a Redis server as it is read: part by part, without an object in between.
namespace strata::detail::redis {

enum class reply_kind : unsigned char { bulk, status, error, integer, nil, array };

/// One part of a reply: the reply itself, or an element of an array.
struct reply_part {
    reply_kind kind;
    unsigned depth;        ///< 0: the reply itself; 1: an element of it; and so on.
    std::size_t index;     ///< The place among the elements of an array; 0 for the reply itself.
    std::string_view text; ///< Of `bulk`, `status` and `error`: where it was received, for the call alone.
    long long number;      ///< Of `integer`; the number of elements of an `array`.
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
