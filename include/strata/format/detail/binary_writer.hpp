#pragma once

#include <strata/format/detail/kind.hpp>
#include <strata/format/detail/packed.hpp>
#include <strata/format/detail/varint.hpp>

#include <boost/config.hpp>
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
concept blob = byte_string<T> &&
               (std::integral<typename T::value_type> || std::same_as<typename T::value_type, std::byte>);

/// Floating-point numbers in one piece, on a machine whose memory has them as the format does.
template <class T>
concept floating_blob = std::ranges::contiguous_range<T> && std::endian::native == std::endian::little &&
                        of_kind<std::ranges::range_value_t<T>, kind::floating>;

/// Values whose greatest size is known from a look at them: no container of other values is among their parts.
template <class T> consteval bool is_flat()
{
    constexpr kind k = kind_of<T>();
    if constexpr (blob<T>) {
        return true;
    } else if constexpr (k == kind::map || k == kind::set || k == kind::sequence || k == kind::variant) {
        return false;
    } else {
        return []<class... Part>(types<Part...>) { return (is_flat<Part>() && ...); }(parts_t<T>{});
    }
}

template <class T>
concept flat = is_flat<T>();

/// The most bytes that `value` takes.
template <flat T> [[nodiscard]] constexpr std::size_t size_bound(T const& value)
{
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::text || blob<T>) {
        return max_varint + view_bytes(value).size();
    } else if constexpr (k == kind::optional) {
        return 1 + (value.has_value() ? size_bound<typename T::value_type>(*value) : 0);
    } else if constexpr ((k == kind::structure || k == kind::tuple) && !has_one_value<T>()) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return (std::size_t{0} + ... + size_bound(part_at<I>(value)));
        }(std::make_index_sequence<part_count<T>>{});
    } else if constexpr (k == kind::array && !has_one_value<T>()) {
        std::size_t sum = 0;
        for (auto const& e : value) sum += size_bound(e);
        return sum;
    } else {
        return max_varint;
    }
}

/// Appends values in the form that `Binary` describes to a string.
class binary_writer {
public:
    /// Begins with `fingerprint`; there will be room for `size` more bytes.
    binary_writer(std::string& out, std::uint32_t fingerprint, std::size_t size)
        : out_{out}
    {
        auto const used = out.size();
        out.resize(used + sizeof fingerprint + size);
        at_ = out.data() + used;
        end_ = out.data() + out.size();
        store(boost::endian::native_to_little(fingerprint));
    }

    /// False for what goes deeper than `max_depth`. Without `Checked` there is room for the value already.
    template <bool Checked = true, class T> [[nodiscard]] bool put(T const& value)
    {
        if constexpr (Checked && flat<T>) {
            need(size_bound(value));
            return put<false>(value);
        }
        constexpr kind k = kind_of<T>();
        if constexpr (has_one_value<T>()) {
            byte<Checked>(0); // each value takes a byte at least, so that a length bounds what is read
        } else if constexpr (k == kind::boolean) {
            byte<Checked>(value);
        } else if constexpr (k == kind::integer) {
            if constexpr (sizeof(T) == 1) {
                byte<Checked>(static_cast<unsigned char>(value));
            } else {
                number<Checked>(to_number(value));
            }
        } else if constexpr (k == kind::floating) {
            using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
            store(boost::endian::native_to_little(std::bit_cast<bits>(value)));
        } else if constexpr (k == kind::enumeration) {
            return put<Checked>(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (k == kind::text) {
            text<Checked>(value);
        } else if constexpr (k == kind::duration) {
            return put<Checked>(value.count());
        } else if constexpr (k == kind::time_point) {
            return put<Checked>(value.time_since_epoch());
        } else if constexpr (k == kind::optional) {
            byte<Checked>(value.has_value());
            return !value.has_value() || nested([&] { return put<Checked, typename T::value_type>(*value); });
        } else if constexpr (k == kind::variant) {
            if (value.valueless_by_exception()) return false;
            number<Checked>(value.index());
            return nested([&] { return std::visit([&](auto const& held) { return put<Checked>(held); }, value); });
        } else if constexpr (k == kind::structure || k == kind::tuple) {
            packed<Checked, 0>(value);
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (put_unpacked<Checked, I>(value) && ...);
            }(std::make_index_sequence<part_count<T>>{});
        } else if constexpr (k == kind::array) {
            return each<Checked>(value);
        } else if constexpr (k == kind::map) {
            length<Checked>(std::ranges::size(value));
            return nested([&] {
                return std::ranges::all_of(value, [&](auto const& e) { return put(e.first) && put(e.second); });
            });
        } else if constexpr (blob<T>) {
            text<Checked>(view_bytes(value));
        } else {
            length<Checked>(std::ranges::size(value));
            return nested([&] { return each<Checked>(value); });
        }
        return true;
    }

    template <bool Checked = true> void text(std::string_view bytes)
    {
        length<Checked>(bytes.size());
        append<Checked>(bytes.data(), bytes.size());
    }

    void finish() { out_.erase(static_cast<std::size_t>(at_ - out_.data())); }

private:
    /// Makes room for `size` more bytes. The string grows in steps and is cut at the end.
    void need(std::size_t size)
    {
        if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]] grow(size);
    }

    BOOST_NOINLINE void grow(std::size_t size)
    {
        auto const used = static_cast<std::size_t>(at_ - out_.data());
        out_.resize(std::max(used + size, 2 * used));
        at_ = out_.data() + used;
        end_ = out_.data() + out_.size();
    }

    template <class Bits> void store(Bits little) noexcept
    {
        std::memcpy(at_, &little, sizeof little);
        at_ += sizeof little;
    }

    template <bool Checked> void byte(unsigned char value)
    {
        if constexpr (Checked) need(1);
        *at_++ = static_cast<char>(value);
    }

    template <bool Checked> void number(std::uint64_t value)
    {
        if constexpr (Checked) need(max_varint);
        at_ = write_varint(at_, value);
    }

    template <bool Checked> void length(std::size_t value)
    {
        if constexpr (Checked) need(max_varint);
        if (value < 0x80) [[likely]] {
            *at_++ = static_cast<char>(2 * value); // what write_varint makes of it
        } else {
            at_ = write_long_varint(at_, value);
        }
    }

    /// The packed parts of `value` from the one with the number `Begin` on.
    template <bool Checked, std::size_t Begin, class T> void packed(T const& value)
    {
        if constexpr (Begin < packed_count<T>) {
            constexpr auto group = packed_group<T, Begin>();
            if constexpr (Checked) need(lengths_size(group.size()) + sizeof(std::uint64_t) * group.size());
            pack(value, group);
            packed<Checked, Begin + most_packed>(value);
        }
    }

    template <class T, std::size_t... I> void pack(T const& value, std::index_sequence<I...>) noexcept
    {
        constexpr std::size_t size = lengths_size(sizeof...(I));
        char* at = at_ + size;
        std::uint64_t lengths = 0;
        unsigned shift = 0;
        auto const put_number = [&](std::uint64_t number) {
            unsigned const more = bits_above_first(number) / 8;
            boost::endian::store_little_u64(reinterpret_cast<unsigned char*>(at), number);
            at += more + 1;
            lengths |= std::uint64_t{more} << shift;
            shift += 4;
        };
        (put_number(to_number(part_at<I>(value))), ...);
        boost::endian::endian_store<std::uint64_t, size, boost::endian::order::little>(
            reinterpret_cast<unsigned char*>(at_), lengths);
        at_ = at;
    }

    template <bool Checked, std::size_t I, class T> bool put_unpacked(T const& value)
    {
        if constexpr (is_packed<T, I>()) {
            return true;
        } else {
            return put<Checked>(part_at<I>(value));
        }
    }

    template <bool Checked> void append(void const* bytes, std::size_t size)
    {
        if constexpr (Checked) need(size);
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

    template <bool Checked, class T> bool each(T const& elements)
    {
        using element = std::ranges::range_value_t<T const>;
        if constexpr (floating_blob<T const>) {
            append<Checked>(std::ranges::data(elements), std::ranges::size(elements) * sizeof(element));
            return true;
        } else {
            for (element const& e : elements) {
                if (!put<Checked>(e)) return false;
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
