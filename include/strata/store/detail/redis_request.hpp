#pragma once

#include <strata/core/key.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

/// Requests as they go over the wire (RESP2), composed in the buffer they are sent from.
namespace strata::detail::redis {

/// Bytes that grow at the end and keep their memory.
class send_buffer {
public:
    /// A batch of large values should not find it given back each time.
    static constexpr std::size_t keep = std::size_t{4} << 20;

    [[nodiscard]] char const* data() const noexcept { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }
    void clear() noexcept { size_ = 0; }

    /// Room for `n` bytes at the end; `commit` says where they ended.
    [[nodiscard]] char* reserve(std::size_t n)
    {
        if (capacity_ - size_ < n) grow(n);
        return bytes_.get() + size_;
    }
    void commit(char const* end) noexcept { size_ = static_cast<std::size_t>(end - bytes_.get()); }

    void append(std::string_view bytes)
    {
        char* const at = reserve(bytes.size());
        if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
        size_ += bytes.size();
    }

private:
    void grow(std::size_t n)
    {
        std::size_t const wanted = size_ + n > 2 * capacity_ ? size_ + n + 256 : 2 * capacity_;
        std::unique_ptr<char[]> larger{new char[wanted]};
        if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
        bytes_ = std::move(larger);
        capacity_ = wanted;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// The decimal digits of `number` as text that the compiler makes.
template <std::size_t Number> consteval auto digits()
{
    constexpr std::size_t length = [] {
        std::size_t n = 1;
        for (std::size_t rest = Number; rest >= 10; rest /= 10) ++n;
        return n;
    }();
    fixed_string<length> text;
    for (std::size_t i = length, rest = Number; i > 0; --i, rest /= 10) {
        text.text[i - 1] = static_cast<char>('0' + rest % 10);
    }
    return text;
}

/// A constant argument: "$3\r\nGET\r\n".
template <fixed_string Word>
inline constexpr auto argument = fixed_string{"$"} + digits<Word.view().size()>() + fixed_string{"\r\n"} + Word +
                                 fixed_string{"\r\n"};

/// The constant begin of a request with `Words` and `Arguments` more, up to the length of the first of those:
/// "*2\r\n$3\r\nGET\r\n$".
template <std::size_t Arguments, fixed_string... Words>
inline constexpr auto header = fixed_string{"*"} + digits<sizeof...(Words) + Arguments>() + fixed_string{"\r\n"} +
                               (argument<Words> + ...) + fixed_string{"$"};

/// Enough for the digits of any 64-bit number and a line end.
inline constexpr std::size_t number_room = 24;

inline char* write(char* at, std::string_view bytes) noexcept
{
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}

inline char* write_line(char* at, std::uint64_t number) noexcept
{
    at = std::to_chars(at, at + number_room, number).ptr;
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

inline char* write_line_end(char* at) noexcept
{
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

/// The argument that a key is, without its '$'.
template <class Key> char* write_key(char* at, Key const& key, std::size_t size) noexcept
{
    return write_line_end(key.copy_to(write_line(at, size)));
}

/// A request of the constant `Words` and one key.
template <fixed_string... Words, class Key> void append_keyed(send_buffer& out, Key const& key)
{
    static constexpr auto begin = header<1, Words...>;
    std::size_t const size = key.size();
    char* at = out.reserve(begin.view().size() + number_room + size + 2);
    at = write(at, begin.view());
    out.commit(write_key(at, key, size));
}

/// A request of the constant `Words`, one key and a number.
template <fixed_string... Words, class Key>
void append_keyed_number(send_buffer& out, Key const& key, std::uint64_t number)
{
    static constexpr auto begin = header<2, Words...>;
    std::size_t const size = key.size();
    char* at = out.reserve(begin.view().size() + number_room + size + 2 + 2 * number_room);
    at = write_key(write(at, begin.view()), key, size);
    char text[number_room];
    auto const length = static_cast<std::size_t>(std::to_chars(text, text + sizeof text, number).ptr - text);
    *at++ = '$';
    at = write_line(at, length);
    out.commit(write_line_end(write(at, {text, length})));
}

/// The last arguments of a SET with a lifetime, "$2\r\nPX\r\n$6\r\n600000\r\n", which are the same for all keys of a
/// batch.
class lifetime_arguments {
public:
    /// For `milliseconds`; 0: an entry that never expires has none.
    explicit lifetime_arguments(std::uint64_t milliseconds) noexcept
    {
        static constexpr auto begin = argument<"PX"> + fixed_string{"$"};
        if (milliseconds == 0) return;
        char digits[number_room];
        auto const length =
            static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, milliseconds).ptr - digits);
        char* const end = write_line_end(write(write_line(write(text_, begin.view()), length), {digits, length}));
        size_ = static_cast<std::size_t>(end - text_);
    }

    [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

private:
    char text_[16 + 2 * number_room];
    std::size_t size_ = 0;
};

/// SET of `value` under `key`; with `OnlyNew` only where there is nothing yet.
template <bool OnlyNew, class Key>
void append_set(send_buffer& out, Key const& key, std::string_view value, lifetime_arguments const& lifetime)
{
    static constexpr std::size_t extra = OnlyNew ? 1 : 0;
    static constexpr auto endless = header<2 + extra, "SET">;
    static constexpr auto mortal = header<4 + extra, "SET">;
    static constexpr auto only_new = argument<"NX">;
    static_assert(endless.view().size() == mortal.view().size());

    std::size_t const size = key.size();
    char* at = out.reserve(mortal.view().size() + size + value.size() + only_new.view().size() +
                           lifetime.view().size() + 2 * number_room + 8);
    at = write(at, lifetime.view().empty() ? endless.view() : mortal.view());
    at = write_key(at, key, size);
    *at++ = '$';
    at = write_line_end(write(write_line(at, value.size()), value));
    if constexpr (OnlyNew) at = write(at, only_new.view());
    out.commit(write(at, lifetime.view()));
}

/// The begin of a request with a number of arguments that is known at run time; `append_argument` follows that often.
inline void append_count(send_buffer& out, std::size_t arguments)
{
    char* at = out.reserve(1 + number_room);
    *at++ = '*';
    out.commit(write_line(at, arguments));
}

inline void append_argument(send_buffer& out, std::string_view bytes)
{
    char* at = out.reserve(1 + number_room + bytes.size() + 2);
    *at++ = '$';
    out.commit(write_line_end(write(write_line(at, bytes.size()), bytes)));
}

template <class Key> void append_key_argument(send_buffer& out, Key const& key)
{
    std::size_t const size = key.size();
    char* at = out.reserve(1 + number_room + size + 2);
    *at++ = '$';
    out.commit(write_key(at, key, size));
}

/// A whole request of text arguments.
template <class... Words> void append_command(send_buffer& out, Words const&... words)
{
    append_count(out, sizeof...(Words));
    (append_argument(out, words), ...);
}

} // namespace strata::detail::redis
