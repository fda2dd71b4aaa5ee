#pragma once

#include <strata/format/detail/binary_writer.hpp>
#include <strata/format/detail/kind.hpp>
#include <strata/format/detail/packed.hpp>
#include <strata/format/detail/varint.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace strata::detail {

/// The least number of bytes that a `T` takes. Never zero.
template <class T> consteval std::size_t least_size()
{
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::floating) {
        return sizeof(T);
    } else if constexpr (k == kind::array) {
        return []<class Part>(types<Part>) {
            return std::max(std::size_t{1}, array_size<T>() * least_size<Part>());
        }(parts_t<T>{});
    } else if constexpr (k == kind::structure || k == kind::tuple || k == kind::duration || k == kind::time_point ||
                         k == kind::enumeration) {
        return []<class... Part>(types<Part...>) {
            return std::max(std::size_t{1}, lengths_size(packed_count<T>) + (std::size_t{0} + ... + least_size<Part>()));
        }(parts_t<T>{});
    } else if constexpr (k == kind::variant) {
        return 2;
    } else {
        return 1;
    }
}

/// Reads what `binary_writer` wrote. Nothing is allocated for a length that the remaining bytes cannot hold.
class binary_reader {
public:
    explicit binary_reader(std::string_view in) noexcept : at_{in.data()}, end_{in.data() + in.size()} {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

    [[nodiscard]] bool fixed(std::uint32_t& number) noexcept
    {
        if (!load(number)) return false;
        boost::endian::little_to_native_inplace(number);
        return true;
    }

    /// False for bytes that are not a `T`; `out` may then be anything.
    template <class T> [[nodiscard]] bool get(T& out)
    {
        constexpr kind k = kind_of<T>();
        if constexpr (has_one_value<T>()) {
            unsigned char byte = 0;
            return load(byte) && byte == 0;
        } else if constexpr (k == kind::boolean) {
            return flag(out);
        } else if constexpr (k == kind::integer) {
            return integer(out);
        } else if constexpr (k == kind::floating) {
            std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t> bits;
            if (!load(bits)) return false;
            out = std::bit_cast<T>(boost::endian::little_to_native(bits));
            return true;
        } else if constexpr (k == kind::enumeration) {
            std::underlying_type_t<T> value;
            if (!get(value)) return false;
            out = static_cast<T>(value);
            return true;
        } else if constexpr (k == kind::text) {
            return text(out);
        } else if constexpr (k == kind::duration) {
            typename T::rep count;
            bool const done = get(count);
            if (done) out = T{count};
            return done;
        } else if constexpr (k == kind::time_point) {
            typename T::duration since;
            if (!get(since)) return false;
            out = T{since};
            return true;
        } else if constexpr (k == kind::optional) {
            bool there;
            if (!flag(there)) return false;
            if (there) return nested([&] { return get(out.emplace()); });
            out.reset();
            return true;
        } else if constexpr (k == kind::variant) {
            return alternative(out, std::make_index_sequence<std::variant_size_v<T>>{});
        } else if constexpr (k == kind::structure || k == kind::tuple) {
            return packed<0>(out) && [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (get_unpacked<I>(out) && ...);
            }(std::make_index_sequence<part_count<T>>{});
        } else if constexpr (k == kind::array) {
            if constexpr (floating_blob<T>) {
                return copy(std::ranges::data(out), std::ranges::size(out) * sizeof(std::ranges::range_value_t<T>));
            } else {
                return std::ranges::all_of(out, [&](auto& element) { return get(element); });
            }
        } else if constexpr (blob<T>) {
            return text(out);
        } else {
            return nested([&] { return elements(out); });
        }
    }

private:
    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    [[nodiscard]] bool copy(void* out, std::size_t size) noexcept
    {
        if (left() < size) return false;
        if (size != 0) std::memcpy(out, at_, size);
        at_ += size;
        return true;
    }

    template <class Bits> [[nodiscard]] bool load(Bits& out) noexcept { return copy(&out, sizeof out); }

    [[nodiscard]] bool flag(bool& out) noexcept
    {
        unsigned char byte = 0;
        if (!load(byte) || byte > 1) return false;
        out = byte != 0;
        return true;
    }

    [[nodiscard]] BOOST_FORCEINLINE bool number(std::uint64_t& out) noexcept
    {
        auto const* const next = read_varint(at_, end_, out);
        if (!next) return false;
        at_ = next;
        return true;
    }

    template <std::integral T> [[nodiscard]] BOOST_FORCEINLINE bool integer(T& out) noexcept
    {
        if constexpr (sizeof(T) == 1) {
            return load(out);
        } else {
            std::uint64_t wide;
            return number(wide) && from_number(wide, out);
        }
    }

    /// The packed parts of `out` from the one with the number `Begin` on.
    template <std::size_t Begin, class T> [[nodiscard]] bool packed(T& out) noexcept
    {
        if constexpr (Begin < packed_count<T>) {
            return unpack(out, packed_group<T, Begin>()) && packed<Begin + most_packed>(out);
        } else {
            return true;
        }
    }

    template <class T, std::size_t... I> [[nodiscard]] bool unpack(T& out, std::index_sequence<I...>) noexcept
    {
        constexpr std::size_t count = sizeof...(I);
        constexpr std::size_t size = lengths_size(count);
        constexpr std::size_t most = size + sizeof(std::uint64_t) * count;
        constexpr std::uint64_t every = ~std::uint64_t{0} >> (64 - 8 * size);
        constexpr std::uint64_t wrong = every & ~(every / 15 * 7 >> (count % 2 * 4));

        char last[most]; // where less bytes are left than there could be, they are read from a copy
        char const* begin = at_;
        if (left() < most) {
            std::memset(last, 0, most);
            if (left() != 0) std::memcpy(last, at_, left());
            begin = last;
        }
        auto const* at = reinterpret_cast<unsigned char const*>(begin);
        std::uint64_t lengths = boost::endian::load_little_u64(at) & every;
        if ((lengths & wrong) != 0) return false;
        at += size;
        bool fit = true;
        auto const get_number = [&](auto& part) {
            std::size_t const more = lengths & 7;
            lengths >>= 4;
            fit &= from_number(boost::endian::load_little_u64(at) & low_bytes[more], part);
            at += more + 1;
        };
        (get_number(part_at<I>(out)), ...);
        auto const used = static_cast<std::size_t>(reinterpret_cast<char const*>(at) - begin);
        if (!fit || used > left()) return false;
        at_ += used;
        return true;
    }

    template <std::size_t I, class T> [[nodiscard]] bool get_unpacked(T& out)
    {
        if constexpr (is_packed<T, I>()) {
            return true;
        } else {
            return get(part_at<I>(out));
        }
    }

    /// A length of things that take `each` bytes at least and of which `most` can be held.
    [[nodiscard]] BOOST_FORCEINLINE bool length(std::size_t& out, std::size_t each, std::size_t most) noexcept
    {
        std::uint64_t wide;
        if (at_ != end_ && (*at_ & 1) == 0) { // what most lengths are: one byte
            wide = static_cast<unsigned char>(*at_++) / 2U;
        } else {
            auto const* const next = read_long_varint(at_, end_, wide);
            if (!next) return false;
            at_ = next;
        }
        if (wide > left() / each || wide > most) return false;
        out = static_cast<std::size_t>(wide);
        return true;
    }

    template <class T> [[nodiscard]] BOOST_FORCEINLINE bool text(T& out)
    {
        std::size_t size;
        if (!length(size, 1, out.max_size())) return false;
        if constexpr (requires { out.assign(at_, size); }) {
            out.assign(at_, size);
        } else {
            assign_bytes(out, {at_, size});
        }
        at_ += size;
        return true;
    }

    template <class F> bool nested(F&& read)
    {
        if (depth_ == max_depth) return false;
        ++depth_;
        bool const done = read();
        --depth_;
        return done;
    }

    template <class T> [[nodiscard]] bool elements(T& out)
    {
        constexpr std::size_t least = []<class... Part>(types<Part...>) {
            return (std::size_t{0} + ... + least_size<Part>());
        }(parts_t<T>{});
        std::size_t count;
        if (!length(count, least, out.max_size())) return false;
        out.clear();
        if constexpr (floating_blob<T>) {
            out.resize(count);
            return copy(out.data(), count * least);
        } else {
            if constexpr (requires { out.reserve(count); }) out.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                if (!element(out)) return false;
            }
            return std::ranges::size(out) == count; // less where keys stand twice
        }
    }

    template <class T> [[nodiscard]] bool element(T& out)
    {
        if constexpr (kind_of<T>() == kind::map) {
            typename T::key_type key{};
            typename T::mapped_type mapped{};
            if (!get(key) || !get(mapped)) return false;
            out.emplace(std::move(key), std::move(mapped));
        } else if constexpr (kind_of<T>() == kind::set) {
            typename T::key_type key{};
            if (!get(key)) return false;
            out.emplace(std::move(key));
        } else {
            typename T::value_type value{};
            if (!get(value)) return false;
            out.push_back(std::move(value));
        }
        return true;
    }

    template <class T, std::size_t... I> [[nodiscard]] bool alternative(T& out, std::index_sequence<I...>)
    {
        std::uint64_t index;
        if (!number(index)) return false;
        bool done = false;
        static_cast<void>(
            ((index == I && (done = nested([&] { return get(out.template emplace<I>()); }), true)) || ...));
        return done;
    }

    char const* at_;
    char const* end_;
    std::size_t depth_ = 0;
};

} // namespace strata::detail
