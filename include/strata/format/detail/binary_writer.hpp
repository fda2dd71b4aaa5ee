#pragma once

#include <strata/format/detail/kind.hpp>
#include <strata/format/detail/varint.hpp>

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace strata::detail {

/// Byte-sized numbers, which stand in one piece.
template <class T>
concept blob = byte_string<T> && (std::integral<typename T::value_type> || std::same_as<typename T::value_type, std::byte>);

/// Floating-point numbers in one piece, on a machine whose memory has them as the format does.
template <class T>
concept floating_blob = std::ranges::contiguous_range<T> && std::endian::native == std::endian::little &&
                        of_kind<std::ranges::range_value_t<T>, kind::floating>;

/// Appends values in the form that `Binary` describes to a string.
class binary_writer {
public:
    explicit binary_writer(std::string& out) : out_{out}, at_{out.data() + out.size()}, end_{at_} {}

    void fixed(std::uint32_t number)
    {
        need(sizeof number);
        store(boost::endian::native_to_little(number));
    }

    /// False for what goes deeper than `max_depth`.
    template <class T> [[nodiscard]] bool put(T const& value)
    {
        constexpr kind k = kind_of<T>();
        if constexpr (has_one_value<T>()) {
            byte(0); // each value takes a byte at least, so that a length bounds what is read
        } else if constexpr (k == kind::boolean) {
            byte(value);
        } else if constexpr (k == kind::integer) {
            if constexpr (sizeof(T) == 1) {
                byte(static_cast<unsigned char>(value));
            } else if constexpr (std::is_signed_v<T>) {
                number(zigzag(value));
            } else {
                number(value);
            }
        } else if constexpr (k == kind::floating) {
            using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
            need(sizeof value);
            store(boost::endian::native_to_little(std::bit_cast<bits>(value)));
        } else if constexpr (k == kind::enumeration) {
            return put(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (k == kind::text) {
            text(value);
        } else if constexpr (k == kind::duration) {
            return put(value.count());
        } else if constexpr (k == kind::time_point) {
            return put(value.time_since_epoch());
        } else if constexpr (k == kind::optional) {
            byte(value.has_value());
            return !value.has_value() || nested([&] { return put<typename T::value_type>(*value); });
        } else if constexpr (k == kind::variant) {
            if (value.valueless_by_exception()) return false;
            number(value.index());
            return nested([&] { return std::visit([&](auto const& held) { return put(held); }, value); });
        } else if constexpr (k == kind::structure) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (put(member<I>(value)) && ...);
            }(std::make_index_sequence<member_count<T>>{});
        } else if constexpr (k == kind::tuple) {
            return std::apply([&](auto const&... element) { return (put(element) && ...); }, value);
        } else if constexpr (k == kind::array) {
            return each(value);
        } else if constexpr (k == kind::map) {
            number(std::ranges::size(value));
            return nested([&] {
                return std::ranges::all_of(value, [&](auto const& e) { return put(e.first) && put(e.second); });
            });
        } else if constexpr (blob<T>) {
            text(view_bytes(value));
        } else {
            number(std::ranges::size(value));
            return nested([&] { return each(value); });
        }
        return true;
    }

    void text(std::string_view bytes)
    {
        number(bytes.size());
        append(bytes.data(), bytes.size());
    }

    void finish() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }

private:
    /// Makes room for `size` more bytes. The string grows in steps and is cut at the end.
    void need(std::size_t size)
    {
        if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]] grow(size);
    }

    void grow(std::size_t size)
    {
        auto const used = static_cast<std::size_t>(at_ - out_.data());
        out_.resize(std::max({used + size, 2 * used, std::size_t{128}}));
        at_ = out_.data() + used;
        end_ = out_.data() + out_.size();
    }

    template <class Bits> void store(Bits little) noexcept
    {
        std::memcpy(at_, &little, sizeof little);
        at_ += sizeof little;
    }

    void byte(unsigned char value)
    {
        need(1);
        *at_++ = static_cast<char>(value);
    }

    void number(std::uint64_t value)
    {
        need(max_varint);
        at_ = write_varint(at_, value);
    }

    void append(void const* bytes, std::size_t size)
    {
        need(size);
        if (size != 0) std::memcpy(at_, bytes, size);
        at_ += size;
    }

    template <class F> bool nested(F&& write)
    {
        if (depth_ == max_depth) return false;
        ++depth_;
        bool const done = write();
        --depth_;
        return done;
    }

    template <class T> bool each(T const& elements)
    {
        using element = std::ranges::range_value_t<T const>;
        if constexpr (floating_blob<T const>) {
            append(std::ranges::data(elements), std::ranges::size(elements) * sizeof(element));
            return true;
        } else {
            for (element const& e : elements) {
                if (!put(e)) return false;
            }
            return true;
        }
    }

    std::string& out_;
    char* at_;
    char* end_;
    std::size_t depth_ = 0;
};

} // namespace strata::detail
