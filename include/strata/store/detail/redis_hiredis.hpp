#pragma once

#include <strata/store/detail/redis_reply.hpp>

#include <hiredis/hiredis.h>

#include <cstddef>
#include <type_traits>

/// All that depends on the version of hiredis: 0.14 and 1.x differ in the functions that make reply objects.
namespace strata::detail::redis {

/// What hiredis is told instead of an object that it could free: the part was taken.
[[nodiscard]] inline void* taken() noexcept
{
    static char here;
    return &here;
}

template <class Function> struct array_size;
template <class Size> struct array_size<void* (*)(redisReadTask const*, Size)> {
    using type = Size;
};
/// The type in which hiredis counts the elements of an array: `int` in 0.14, `size_t` since 1.0.
using array_size_t = array_size<decltype(redisReplyObjectFunctions::createArray)>::type;

/// Refuses the kinds of RESP3 that 1.x has functions of their own for, and would else pass over.
template <class Functions> void refuse_numbers_of_resp3(Functions& functions) noexcept
{
    if constexpr (requires { functions.createDouble, functions.createBool; }) {
        functions.createDouble = [](redisReadTask const*, double, char*, std::size_t) -> void* { return nullptr; };
        functions.createBool = [](redisReadTask const*, int) -> void* { return nullptr; };
    }
}

/// The functions that hiredis's reader calls for each part of a reply: they hand it to `Take`, which is
/// `bool(redisReadTask const&, reply_kind, char const* text, size_t length, long long number) noexcept`. The additional
/// kinds of RESP3 are never asked for, and refused.
template <auto Take> [[nodiscard]] redisReplyObjectFunctions* reply_functions() noexcept
{
    static redisReplyObjectFunctions functions = [] {
        redisReplyObjectFunctions made{};
        made.createString = [](redisReadTask const* task, char* text, std::size_t length) -> void* {
            reply_kind kind = reply_kind::bulk;
            if (task->type != REDIS_REPLY_STRING) {
                if (task->type != REDIS_REPLY_STATUS && task->type != REDIS_REPLY_ERROR) return nullptr;
                kind = task->type == REDIS_REPLY_STATUS ? reply_kind::status : reply_kind::error;
            }
            return Take(*task, kind, text, length, 0) ? taken() : nullptr;
        };
        made.createArray = [](redisReadTask const* task, array_size_t size) -> void* {
            if (task->type != REDIS_REPLY_ARRAY) return nullptr;
            return Take(*task, reply_kind::array, "", 0, static_cast<long long>(size)) ? taken() : nullptr;
        };
        made.createInteger = [](redisReadTask const* task, long long number) -> void* {
            return Take(*task, reply_kind::integer, "", 0, number) ? taken() : nullptr;
        };
        made.createNil = [](redisReadTask const* task) -> void* {
            // A list that is nil is no answer to anything that is asked here.
            if (task->type != REDIS_REPLY_STRING) return nullptr;
            return Take(*task, reply_kind::nil, "", 0, 0) ? taken() : nullptr;
        };
        refuse_numbers_of_resp3(made);
        return made;
    }();
    return &functions;
}

/// The bytes that the reader's buffer takes without growing.
[[nodiscard]] inline std::size_t capacity(redisReader const& reader) noexcept { return sdsalloc(reader.buf); }

/// Where the next bytes may be received.
[[nodiscard]] inline char* end_of_received(redisReader const& reader) noexcept { return reader.buf + reader.len; }

/// Makes `length` bytes the received ones.
inline void set_received(redisReader& reader, std::size_t length) noexcept
{
    sdssetlen(reader.buf, length);
    reader.buf[length] = '\0';
    reader.len = length;
}

} // namespace strata::detail::redis
