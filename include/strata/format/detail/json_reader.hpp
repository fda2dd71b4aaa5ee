#pragma once

#include <strata/format/detail/json_kind.hpp>
#include <strata/format/detail/read_result.hpp>

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <new>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// From Boost.JSON's tree to the types that `Json` knows.
namespace strata::detail {

template <class T> [[nodiscard]] read_result from_json(boost::json::value const& in, T& out);

/// A number whose value `T` has exactly; 3.0 is an integer.
template <std::integral T> [[nodiscard]] read_result integer_from_json(boost::json::value const& in, T& out) noexcept
{
    auto const fit = [&](auto value) {
        if (!std::in_range<plain_integer<T>>(value)) return read_result::unfit;
        out = static_cast<T>(value);
        return read_result::done;
    };
    if (in.is_int64()) return fit(in.get_int64());
    if (in.is_uint64()) return fit(in.get_uint64());
    if (!in.is_double()) return read_result::other;
    double const value = in.get_double();
    constexpr double limit = 9007199254740992.0; // 2^53: from there on the text may have been another integer
    if (std::trunc(value) != value || std::abs(value) >= limit) return read_result::unfit;
    return fit(static_cast<std::int64_t>(value));
}

template <std::floating_point T>
[[nodiscard]] read_result floating_from_json(boost::json::value const& in, T& out) noexcept
{
    double value;
    if (in.is_double()) {
        value = in.get_double();
    } else if (in.is_int64()) {
        value = static_cast<double>(in.get_int64());
    } else if (in.is_uint64()) {
        value = static_cast<double>(in.get_uint64());
    } else {
        return read_result::other;
    }
    if (std::abs(value) > static_cast<double>(std::numeric_limits<T>::max())) return read_result::unfit;
    out = static_cast<T>(value);
    return read_result::done;
}

template <class T> [[nodiscard]] read_result enumeration_from_json(boost::json::value const& in, T& out)
{
    if constexpr (described_enum<T>) {
        if (in.is_string()) {
            bool const known = boost::describe::enum_from_string(in.get_string().c_str(), out);
            return known ? read_result::done : read_result::other;
        }
    }
    std::underlying_type_t<T> value{};
    auto const result = from_json(in, value);
    if (result == read_result::done) out = static_cast<T>(value);
    return result;
}

template <class T> [[nodiscard]] read_result optional_from_json(boost::json::value const& in, T& out)
{
    out.reset();
    if constexpr (may_be_json_null<typename T::value_type>()) {
        if (!in.is_array() || in.get_array().size() > 1) return read_result::other;
        return in.get_array().empty() ? read_result::done : from_json(in.get_array()[0], out.emplace());
    } else {
        return in.is_null() ? read_result::done : from_json(in, out.emplace());
    }
}

template <class T, std::size_t... I>
[[nodiscard]] read_result variant_from_json(boost::json::value const& in, T& out, std::index_sequence<I...>)
{
    std::size_t index;
    if (!in.is_array() || in.get_array().size() != 2) return read_result::other;
    if (auto const read = integer_from_json(in.get_array()[0], index); read != read_result::done) return read;
    auto result = read_result::other;
    static_cast<void>(
        ((index == I && (result = from_json(in.get_array()[1], out.template emplace<I>()), true)) || ...));
    return result;
}

/// The elements of an array of exactly the right length into `parts`.
template <class... Part> [[nodiscard]] read_result tuple_from_json(boost::json::value const& in, Part&... parts)
{
    if (!in.is_array() || in.get_array().size() != sizeof...(Part)) return read_result::other;
    auto result = read_result::done;
    [[maybe_unused]] auto const* element = in.get_array().data();
    static_cast<void>((((result = from_json(*element++, parts)) == read_result::done) && ...));
    return result;
}

/// Members that the struct does not have are left aside; an optional one may be absent.
template <structure T> [[nodiscard]] read_result structure_from_json(boost::json::value const& in, T& out)
{
    if (!in.is_object()) return read_result::other;
    auto const& members = in.get_object();
    auto const read = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        using M = member_t<T, I>;
        auto const* const found = members.if_contains(member_name<T, I>());
        if (!found) {
            if constexpr (of_kind<M, kind::optional>) {
                member<I>(out).reset();
                return read_result::done;
            } else {
                return read_result::changed;
            }
        }
        auto const result = from_json(*found, member<I>(out));
        return result == read_result::other ? read_result::changed : result;
    };
    auto result = read_result::done;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        static_cast<void>((((result = read(std::integral_constant<std::size_t, I>{})) == read_result::done) && ...));
    }(std::make_index_sequence<member_count<T>>{});
    return result;
}

template <class T> [[nodiscard]] read_result object_from_json(boost::json::value const& in, T& out)
{
    if (!in.is_object()) return read_result::other;
    out.clear();
    for (auto const& e : in.get_object()) {
        typename T::key_type key{};
        typename T::mapped_type mapped{};
        assign_bytes(key, e.key());
        if (auto const result = from_json(e.value(), mapped); result != read_result::done) return result;
        out.emplace(std::move(key), std::move(mapped));
    }
    return read_result::done;
}

template <class T> [[nodiscard]] read_result container_from_json(boost::json::value const& in, T& out)
{
    if (!in.is_array() || in.get_array().size() > out.max_size()) return read_result::other;
    auto const& elements = in.get_array();
    out.clear();
    if constexpr (requires { out.reserve(elements.size()); }) out.reserve(elements.size());
    for (auto const& e : elements) {
        read_result result;
        if constexpr (kind_of<T>() == kind::map) {
            typename T::key_type key{};
            typename T::mapped_type mapped{};
            result = tuple_from_json(e, key, mapped);
            out.emplace(std::move(key), std::move(mapped));
        } else if constexpr (kind_of<T>() == kind::set) {
            typename T::key_type key{};
            result = from_json(e, key);
            out.emplace(std::move(key));
        } else {
            typename T::value_type value{};
            result = from_json(e, value);
            out.push_back(std::move(value));
        }
        if (result != read_result::done) return result;
    }
    bool const all_apart = std::ranges::size(out) == elements.size();
    return all_apart ? read_result::done : read_result::other;
}

template <class T> [[nodiscard]] read_result array_from_json(boost::json::value const& in, T& out)
{
    if (!in.is_array() || in.get_array().size() != array_size<T>()) return read_result::other;
    auto const* element = in.get_array().data();
    for (auto& e : out) {
        if (auto const result = from_json(*element++, e); result != read_result::done) return result;
    }
    return read_result::done;
}

/// Types that Boost.JSON converts: what its conversions throw is their way to say that the text is another type's.
template <class T> [[nodiscard]] read_result converted_from_json(boost::json::value const& in, T& out)
{
    try {
        if constexpr (std::same_as<T, boost::json::value>) {
            out = in; // not value_to: the copy must not keep the memory of the tree
        } else {
            out = boost::json::value_to<T>(in);
        }
        return read_result::done;
    } catch (std::bad_alloc const&) {
        throw;
    } catch (std::exception const&) {
        return read_result::other;
    }
}

/// `out` may be anything unless the result is `done`.
template <class T> read_result from_json(boost::json::value const& in, T& out)
{
    constexpr auto done_if = [](bool done) { return done ? read_result::done : read_result::other; };
    constexpr kind k = json_kind<T>();
    if constexpr (k == kind::none) {
        return converted_from_json(in, out);
    } else if constexpr (k == kind::empty) {
        return done_if(in.is_null());
    } else if constexpr (k == kind::boolean) {
        if (in.is_bool()) out = in.get_bool();
        return done_if(in.is_bool());
    } else if constexpr (k == kind::integer) {
        return integer_from_json(in, out);
    } else if constexpr (k == kind::floating) {
        return floating_from_json(in, out);
    } else if constexpr (k == kind::text) {
        if (in.is_string()) assign_bytes(out, in.get_string());
        return done_if(in.is_string());
    } else if constexpr (k == kind::enumeration) {
        return enumeration_from_json(in, out);
    } else if constexpr (k == kind::duration) {
        typename T::rep count{};
        auto const result = from_json(in, count);
        out = T{count};
        return result;
    } else if constexpr (k == kind::time_point) {
        typename T::duration since{};
        auto const result = from_json(in, since);
        out = T{since};
        return result;
    } else if constexpr (k == kind::optional) {
        return optional_from_json(in, out);
    } else if constexpr (k == kind::variant) {
        return variant_from_json(in, out, std::make_index_sequence<std::variant_size_v<T>>{});
    } else if constexpr (k == kind::tuple) {
        return std::apply([&](auto&... part) { return tuple_from_json(in, part...); }, out);
    } else if constexpr (k == kind::structure) {
        return structure_from_json(in, out);
    } else if constexpr (k == kind::array) {
        return array_from_json(in, out);
    } else if constexpr (json_object<T>) {
        return object_from_json(in, out);
    } else {
        return container_from_json(in, out);
    }
}

} // namespace strata::detail
