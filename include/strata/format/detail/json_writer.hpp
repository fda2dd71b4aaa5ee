#pragma once

#include <strata/core/key_text.hpp>
#include <strata/format/detail/json_kind.hpp>
#include <strata/format/detail/utf8.hpp>

#include <boost/container/small_vector.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace strata::detail {

/// Appends values as compact JSON, the keys of objects in the order of their bytes, to a string.
class json_writer {
public:
    explicit json_writer(std::string& out) noexcept : out_{out} {}

    /// False for what JSON cannot say: text that is not UTF-8, NaN, an infinity, too much depth.
    template <class T> [[nodiscard]] bool put(T const& value)
    {
        constexpr kind k = json_kind<T>();
        if constexpr (k == kind::none) {
            return tree(boost::json::value_from(value));
        } else if constexpr (k == kind::empty) {
            out_ += "null";
        } else if constexpr (k == kind::boolean) {
            out_ += value ? "true" : "false";
        } else if constexpr (k == kind::integer) {
            number(+value);
        } else if constexpr (k == kind::floating) {
            return floating(value);
        } else if constexpr (k == kind::text) {
            return text(value);
        } else if constexpr (k == kind::enumeration) {
            return enumeration(value);
        } else if constexpr (k == kind::duration) {
            return put(value.count());
        } else if constexpr (k == kind::time_point) {
            return put(value.time_since_epoch());
        } else if constexpr (k == kind::optional) {
            return optional(value);
        } else if constexpr (k == kind::variant) {
            if (value.valueless_by_exception()) return false;
            return within('[', ']', [&] {
                number(value.index());
                return item([&] { return std::visit([&](auto const& held) { return put(held); }, value); });
            });
        } else if constexpr (k == kind::tuple) {
            return within('[', ']', [&] {
                return std::apply(
                    [&](auto const&... part) { return (item([&] { return put(part); }) && ...); }, value);
            });
        } else if constexpr (k == kind::structure) {
            return structure(value);
        } else if constexpr (json_object<T>) {
            return object(value, [](auto const& e) -> auto const& { return e.first; },
                          [&](auto const& e) { return put(e.second); });
        } else {
            return array(value);
        }
        return true;
    }

    [[nodiscard]] bool text(std::string_view bytes)
    {
        if (!is_utf8(bytes)) return false;
        append_quoted(out_, bytes);
        return true;
    }

private:
    template <class N> void number(N value)
    {
        char digits[32];
        out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }

    /// The shortest text that reads back as the same `double`; also for a `float`, which readers take for one.
    [[nodiscard]] bool floating(double value)
    {
        if (!std::isfinite(value)) return false;
        if (value == 0 && std::signbit(value)) {
            out_ += "-0.0"; // "-0" would be read as an integer
        } else {
            number(value);
        }
        return true;
    }

    template <class T> [[nodiscard]] bool enumeration(T value)
    {
        if constexpr (described_enum<T>) {
            if (char const* const name = boost::describe::enum_to_string(value, nullptr)) return text(name);
        }
        return put(static_cast<std::underlying_type_t<T>>(value));
    }

    template <class T> [[nodiscard]] bool optional(T const& value)
    {
        using held = typename T::value_type;
        if constexpr (may_be_json_null<held>()) {
            return within('[', ']', [&] { return !value.has_value() || item([&] { return put<held>(*value); }); });
        } else if (value.has_value()) {
            return put<held>(*value);
        } else {
            out_ += "null";
            return true;
        }
    }

    template <class T> [[nodiscard]] bool structure(T const& value)
    {
        return within('{', '}', [&] {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (item([&] {
                            constexpr std::size_t which = sorted_members<T>[I];
                            out_ += '"';
                            out_ += member_names<T>[which];
                            out_ += "\":";
                            return put(member<which>(value));
                        }) &&
                        ...);
            }(std::make_index_sequence<member_count<T>>{});
        });
    }

    /// The entries of `range` as an object. They are sorted unless they stand in order already.
    template <class Range, class Key, class Put>
    [[nodiscard]] bool object(Range const& range, Key key, Put const& put_value)
    {
        auto const by_key = [&](auto const* e) { return std::string_view{key(*e)}; };
        boost::container::small_vector<std::ranges::range_value_t<Range> const*, 16> entries;
        for (auto const& e : range) entries.push_back(&e);
        if (!std::ranges::is_sorted(entries, {}, by_key)) std::ranges::sort(entries, {}, by_key);
        return within('{', '}', [&] {
            return std::ranges::all_of(entries, [&](auto const* e) {
                return item([&] {
                    if (!text(by_key(e))) return false;
                    out_ += ':';
                    return put_value(*e);
                });
            });
        });
    }

    template <class Range> [[nodiscard]] bool array(Range const& range)
    {
        using element = std::ranges::range_value_t<Range const>;
        return within('[', ']', [&] {
            for (element const& e : range) {
                if (!item([&] { return put(e); })) return false;
            }
            return true;
        });
    }

    [[nodiscard]] bool tree(boost::json::value const& value)
    {
        switch (value.kind()) {
        case boost::json::kind::null: out_ += "null"; return true;
        case boost::json::kind::bool_: return put(value.get_bool());
        case boost::json::kind::int64: return put(value.get_int64());
        case boost::json::kind::uint64: return put(value.get_uint64());
        case boost::json::kind::double_: return put(value.get_double());
        case boost::json::kind::string: return text(std::string_view{value.get_string()});
        case boost::json::kind::array:
            return within('[', ']', [&] {
                return std::ranges::all_of(value.get_array(), [&](auto const& e) {
                    return item([&] { return tree(e); });
                });
            });
        case boost::json::kind::object:
            return object(value.get_object(), [](auto const& e) { return std::string_view{e.key()}; },
                          [&](auto const& e) { return tree(e.value()); });
        }
        return false;
    }

    template <class F> bool within(char open, char close, F&& write)
    {
        if (depth_ == max_depth) return false;
        ++depth_;
        out_ += open;
        bool const done = write();
        out_ += close;
        --depth_;
        return done;
    }

    /// A comma between what stands within brackets.
    template <class F> bool item(F&& write)
    {
        if (out_.back() != '[' && out_.back() != '{') out_ += ',';
        return write();
    }

    std::string& out_;
    std::size_t depth_ = 0;
};

} // namespace strata::detail
