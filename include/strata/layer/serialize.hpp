#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/lookup.hpp>
#include <strata/core/name.hpp>
#include <strata/core/value.hpp>

#include <concepts>
#include <string>
#include <string_view>

/// Objects instead of bytes: a format turns each value into bytes on its way down, and back on its way up.
///
/// A format is one small struct with static members only:
///
///     struct Lines {
///         static constexpr fixed_string name{"Lines"};           // optional: what describe() shows
///         template <class T> static constexpr bool handles = …;  // the types that it knows
///         template <class T> static status encode(T const& object, std::string& out);
///         template <class T> static lookup<T> decode(std::string_view in);
///     };
///
/// `encode` appends to the empty `out`. It fails with `std::errc::invalid_argument` for an object that it cannot write
/// so that the same is read again. `decode` gets whatever stands in the store: for bytes that are not a `T` it fails
/// with `errc::corrupt`; bytes that were written for an older form of `T` are a miss. Both run in many threads at once.
///
/// Text that is not a `std::string` (a literal, a `std::string_view`) is stored as a `std::string` is. A format that
/// has the overload `static status encode(std::string_view, std::string&)` gets it as it is, others get a copy.
namespace strata {

template <class F>
concept value_format = requires {
    { F::template handles<std::string> } -> std::convertible_to<bool>;
};

/// How values of an older form of `T` are still read. Where the stored bytes are a miss as a `T`, they are decoded as
/// `from`, and converted:
///
///     template <> struct strata::migration<User> {
///         using from = OldUser;
///         static User convert(OldUser&& old);
///     };
///
/// `from` may have a migration of its own.
template <class T> struct migration {};

namespace detail {

template <class T>
concept migrates = requires { typename migration<T>::from; };

/// `F` takes text where it lies. Only an overload for exactly this type counts; a template would be asked in vain.
template <class F>
concept encodes_views =
    requires { static_cast<status (*)(std::string_view, std::string&)>(&F::encode); };

template <class Format, class T> lookup<T> decode_any_form(std::string_view in)
{
    auto found = Format::template decode<T>(in);
    if constexpr (migrates<T>) {
        if (found.miss()) {
            auto old = decode_any_form<Format, typename migration<T>::from>(in);
            if (old.hit()) {
                found.emplace(migration<T>::convert(*std::move(old)));
            } else if (old.failed()) {
                return old.reason();
            }
        }
    }
    return found;
}

} // namespace detail

/// Lets a stack over a store of bytes hold any type that `Format` knows, chosen at the call: `get<User>(key)`.
/// It has no state, and is safe from many threads. Time and memory are those of the format.
template <class Format> struct Serialize {
    static constexpr bool is_format = value_format<Format>;
    static_assert(is_format,
                  "strata: Serialize<F>: F is not a format; a format has `handles<T>`, `encode` and `decode<T>`, as "
                  "strata/layer/serialize.hpp says");

    static constexpr auto name = fixed_string{"Serialize<"} + name_of<Format>() + fixed_string{">"};

    template <class Next> class on {
    public:
        using format = Format;
        using value_type = any_of<Format>;

        template <class T> status encode(T const& object, std::string& out) const
        {
            if constexpr (!std::same_as<T, std::string_view>) {
                return Format::encode(object, out);
            } else if constexpr (detail::encodes_views<Format>) {
                return Format::encode(object, out);
            } else {
                return Format::encode(std::string{object}, out);
            }
        }

        template <class T> lookup<T> decode(std::string_view in) const
        {
            return detail::decode_any_form<Format, T>(in);
        }
    };
};

} // namespace strata
