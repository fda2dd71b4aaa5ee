#pragma once

#include <strata/format/detail/msgpack_writer.hpp>
#include <strata/format/detail/read_result.hpp>

#include <boost/endian/conversion.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace strata::detail {

/// Reads MessagePack, in any form that its specification has. Nothing is allocated for a length that the remaining
/// bytes cannot hold.
class msgpack_reader {
    using result = read_result;

public:
    explicit msgpack_reader(std::string_view in) noexcept : at_{in.data()}, end_{in.data() + in.size()} {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

    /// `out` may be anything unless the result is `done`.
    template <class T> [[nodiscard]] read_result get(T& out)
    {
        constexpr kind k = kind_of<T>();
        if constexpr (k == kind::enumeration) {
            std::underlying_type_t<T> value{};
            auto const read = get(value);
            out = static_cast<T>(value);
            return read;
        } else if constexpr (k == kind::duration) {
            typename T::rep count{};
            auto const read = get(count);
            out = T{count};
            return read;
        } else if constexpr (k == kind::time_point) {
            typename T::duration since{};
            auto const read = get(since);
            out = T{since};
            return read;
        } else if constexpr (k == kind::optional) {
            return optional(out);
        } else {
            head first;
            if (!read(first)) return result::unfit;
            return value(first, out);
        }
    }

private:
    enum class type { nil, boolean, positive, negative, single, real, str, bin, array, map, ext };

    /// What a value begins with: its type and its number, bits or length.
    struct head {
        detail::msgpack_reader::type type;
        std::uint64_t number;
    };

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// The bytes of a number behind the first byte; `Number` may be signed.
    template <class Number> [[nodiscard]] bool fixed(head& out, type kind_read) noexcept
    {
        std::make_unsigned_t<Number> big;
        if (left() < sizeof big) return false;
        std::memcpy(&big, at_, sizeof big);
        at_ += sizeof big;
        auto const native = static_cast<Number>(boost::endian::big_to_native(big));
        out = {kind_read, static_cast<std::uint64_t>(native)};
        if (std::is_signed_v<Number>) out.type = native < Number{0} ? type::negative : type::positive;
        return true;
    }

    /// `fixed` for something with a length, of which each thing takes `each` bytes at least.
    template <class Number> [[nodiscard]] bool sized(head& out, type kind_read, std::size_t each, std::size_t more = 0)
    {
        return fixed<Number>(out, kind_read) && out.number + more <= left() / each;
    }

    [[nodiscard]] bool read(head& out) noexcept
    {
        if (at_ == end_) return false;
        unsigned const first = static_cast<unsigned char>(*at_++);
        if (first < 0x80) return out = {type::positive, first}, true;
        if (first < 0x90) return out = {type::map, first & 0x0f}, out.number <= left() / 2;
        if (first < 0xa0) return out = {type::array, first & 0x0f}, out.number <= left();
        if (first < 0xc0) return out = {type::str, first & 0x1f}, out.number <= left();
        if (first >= 0xe0) return out = {type::negative, static_cast<std::uint64_t>(first) - 0x100}, true;
        switch (first) {
        case 0xc0: return out = {type::nil, 0}, true;
        case 0xc2: return out = {type::boolean, 0}, true;
        case 0xc3: return out = {type::boolean, 1}, true;
        case 0xc4: return sized<std::uint8_t>(out, type::bin, 1);
        case 0xc5: return sized<std::uint16_t>(out, type::bin, 1);
        case 0xc6: return sized<std::uint32_t>(out, type::bin, 1);
        case 0xc7: return sized<std::uint8_t>(out, type::ext, 1, 1);
        case 0xc8: return sized<std::uint16_t>(out, type::ext, 1, 1);
        case 0xc9: return sized<std::uint32_t>(out, type::ext, 1, 1);
        case 0xca: return fixed<std::uint32_t>(out, type::single);
        case 0xcb: return fixed<std::uint64_t>(out, type::real);
        case 0xcc: return fixed<std::uint8_t>(out, type::positive);
        case 0xcd: return fixed<std::uint16_t>(out, type::positive);
        case 0xce: return fixed<std::uint32_t>(out, type::positive);
        case 0xcf: return fixed<std::uint64_t>(out, type::positive);
        case 0xd0: return fixed<std::int8_t>(out, type::negative);
        case 0xd1: return fixed<std::int16_t>(out, type::negative);
        case 0xd2: return fixed<std::int32_t>(out, type::negative);
        case 0xd3: return fixed<std::int64_t>(out, type::negative);
        case 0xd4:
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8: return out = {type::ext, std::uint64_t{1} << (first - 0xd4)}, out.number + 1 <= left();
        case 0xd9: return sized<std::uint8_t>(out, type::str, 1);
        case 0xda: return sized<std::uint16_t>(out, type::str, 1);
        case 0xdb: return sized<std::uint32_t>(out, type::str, 1);
        case 0xdc: return sized<std::uint16_t>(out, type::array, 1);
        case 0xdd: return sized<std::uint32_t>(out, type::array, 1);
        case 0xde: return sized<std::uint16_t>(out, type::map, 2);
        case 0xdf: return sized<std::uint32_t>(out, type::map, 2);
        default: return false; // 0xc1 is never used
        }
    }

    template <class T> [[nodiscard]] read_result value(head const& first, T& out)
    {
        constexpr kind k = kind_of<T>();
        if constexpr (k == kind::empty) {
            return first.type == type::nil ? result::done : result::other;
        } else if constexpr (k == kind::boolean) {
            out = first.number != 0;
            return first.type == type::boolean ? result::done : result::other;
        } else if constexpr (k == kind::integer) {
            return integer(first, out);
        } else if constexpr (k == kind::floating) {
            return floating(first, out);
        } else if constexpr (k == kind::text || blob<T>) {
            if (first.type != type::str && first.type != type::bin) return result::other;
            if (first.number > out.max_size()) return result::unfit;
            assign_bytes(out, taken(first.number));
            return result::done;
        } else if constexpr (k == kind::map) {
            if (first.type != type::map) return result::other;
            return elements(first.number, out);
        } else if constexpr (k == kind::structure) {
            if (first.type != type::map) return result::other;
            return nested([&] { return members(first.number, out); });
        } else if (first.type != type::array) {
            return result::other;
        } else if constexpr (k == kind::variant) {
            if (first.number != 2) return result::other;
            return nested([&] { return alternative(out, std::make_index_sequence<std::variant_size_v<T>>{}); });
        } else if constexpr (k == kind::tuple) {
            if (first.number != std::tuple_size_v<T>) return result::other;
            return nested([&] {
                return std::apply([&](auto&... part) { return all([&] { return get(part); }...); }, out);
            });
        } else if constexpr (k == kind::array) {
            if (first.number != array_size<T>()) return result::other;
            return nested([&] {
                auto done = result::done;
                for (auto& e : out) {
                    if ((done = get(e)) != result::done) break;
                }
                return done;
            });
        } else {
            return elements(first.number, out);
        }
    }

    template <class T> [[nodiscard]] read_result optional(T& out)
    {
        out.reset();
        if constexpr (!may_be_nil<typename T::value_type>) {
            bool const nil = at_ != end_ && static_cast<unsigned char>(*at_) == 0xc0;
            if (!nil) return get(out.emplace());
            ++at_;
            return result::done;
        } else {
            head first;
            if (!read(first)) return result::unfit;
            if (first.type != type::array || first.number > 1) return result::other;
            return first.number == 0 ? result::done : nested([&] { return get(out.emplace()); });
        }
    }

    template <std::integral T> [[nodiscard]] static read_result integer(head const& first, T& out) noexcept
    {
        bool fits;
        if (first.type == type::positive) {
            fits = std::in_range<plain_integer<T>>(first.number);
        } else if (first.type == type::negative) {
            fits = std::in_range<plain_integer<T>>(static_cast<std::int64_t>(first.number));
        } else {
            return result::other;
        }
        out = static_cast<T>(first.number);
        return fits ? result::done : result::unfit;
    }

    template <std::floating_point T> [[nodiscard]] static read_result floating(head const& first, T& out) noexcept
    {
        if (std::same_as<T, float> && first.type == type::single) {
            out = std::bit_cast<float>(static_cast<std::uint32_t>(first.number)); // a NaN keeps its bits
            return result::done;
        }
        double number;
        switch (first.type) {
        case type::single: number = std::bit_cast<float>(static_cast<std::uint32_t>(first.number)); break;
        case type::real: number = std::bit_cast<double>(first.number); break;
        case type::positive: number = static_cast<double>(first.number); break;
        case type::negative: number = static_cast<double>(static_cast<std::int64_t>(first.number)); break;
        default: return result::other;
        }
        if (std::isfinite(number) && std::abs(number) > static_cast<double>(std::numeric_limits<T>::max())) {
            return result::unfit;
        }
        out = static_cast<T>(number);
        return result::done;
    }

    /// The next `size` bytes, which are there.
    [[nodiscard]] std::string_view taken(std::uint64_t size) noexcept
    {
        std::string_view const bytes{at_, static_cast<std::size_t>(size)};
        at_ += bytes.size();
        return bytes;
    }

    template <class F> read_result nested(F&& read_it)
    {
        if (depth_ == max_depth) return result::unfit;
        ++depth_;
        auto const done = read_it();
        --depth_;
        return done;
    }

    /// One after the other until one is not done.
    template <class... F> static read_result all(F&&... each)
    {
        auto done = result::done;
        static_cast<void>((((done = each()) == result::done) && ...));
        return done;
    }

    template <class T, std::size_t... I> [[nodiscard]] read_result alternative(T& out, std::index_sequence<I...>)
    {
        std::size_t index = 0;
        if (auto const read_index = get(index); read_index != result::done) return read_index;
        auto done = result::unfit;
        static_cast<void>(((index == I && (done = get(out.template emplace<I>()), true)) || ...));
        return done;
    }

    template <class T> [[nodiscard]] read_result elements(std::uint64_t count, T& out)
    {
        if (count > out.max_size()) return result::unfit;
        return nested([&] {
            out.clear();
            if constexpr (requires { out.reserve(std::size_t{}); }) out.reserve(static_cast<std::size_t>(count));
            for (std::uint64_t i = 0; i < count; ++i) {
                if (auto const done = element(out); done != result::done) return done;
            }
            return std::ranges::size(out) == count ? result::done : result::unfit; // less where keys stand twice
        });
    }

    template <class T> [[nodiscard]] read_result element(T& out)
    {
        if constexpr (kind_of<T>() == kind::map) {
            typename T::key_type key{};
            typename T::mapped_type mapped{};
            auto const done = all([&] { return get(key); }, [&] { return get(mapped); });
            if (done == result::done) out.emplace(std::move(key), std::move(mapped));
            return done;
        } else {
            typename T::value_type made{};
            auto const done = get(made);
            if (done != result::done) return done;
            if constexpr (kind_of<T>() == kind::set) {
                out.emplace(std::move(made));
            } else {
                out.push_back(std::move(made));
            }
            return done;
        }
    }

    /// Members that the struct does not have are left aside; an optional one may be absent.
    template <structure T> [[nodiscard]] read_result members(std::uint64_t count, T& out)
    {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            bool there[sizeof...(I) + 1] = {};
            for (; count > 0; --count) {
                head name;
                if (!read(name)) return result::unfit;
                if (name.type != type::str) return result::changed;
                auto const text = taken(name.number);
                auto done = result::done;
                bool const known =
                    ((text == member_names<T>[I] && (done = get(member<I>(out)), there[I] = true)) || ...);
                if (!known && !skip()) return result::unfit;
                if (done != result::done) return done == result::other ? result::changed : done;
            }
            return (absent<I>(there[I], out) && ...) ? result::done : result::changed;
        }(std::make_index_sequence<member_count<T>>{});
    }

    /// Whether member `I` is there or need not be.
    template <std::size_t I, class T> static bool absent(bool there, T& out)
    {
        if constexpr (of_kind<member_t<T, I>, kind::optional>) {
            if (!there) member<I>(out).reset();
            return true;
        } else {
            return there;
        }
    }

    /// Passes over one value of any type and depth.
    [[nodiscard]] bool skip() noexcept
    {
        for (std::uint64_t values = 1; values > 0; --values) {
            head first;
            if (!read(first)) return false;
            switch (first.type) {
            case type::str:
            case type::bin: static_cast<void>(taken(first.number)); break;
            case type::ext: static_cast<void>(taken(first.number + 1)); break;
            case type::array: values += first.number; break;
            case type::map: values += 2 * first.number; break;
            default: break;
            }
            if (values - 1 > left()) return false; // each takes a byte
        }
        return true;
    }

    char const* at_;
    char const* end_;
    std::size_t depth_ = 0;
};

} // namespace strata::detail
