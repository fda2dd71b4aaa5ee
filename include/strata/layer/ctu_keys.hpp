#pragma once

#include <strata/core/layer.hpp>
#include <strata/layer/detail/base85.hpp>
#include <strata/layer/detail/python_json.hpp>

#include <string>
#include <string_view>

/// Keys as the Python package CacheToolsUtils writes them, for a store that is shared with services that use it.
/// `doc/cachetoolsutils.md` says which class there needs which layers here. All are safe from many threads.
namespace strata {

/// Keys of text as `RedisCache` (with `raw` off) and `ToBytesCache` write them: a JSON string in ASCII. Keys that are
/// numbers or tuples of ASCII text and numbers need no layer: their text is what is written there.
struct CtuJsonKeys {
    static constexpr fixed_string name{"CtuJsonKeys"};

    template <class Next> class on {
    public:
        template <class... Pieces> [[nodiscard]] std::string key(key_view<Pieces...> const& k) const
        {
            return k.joined([](std::string_view text) { return detail::python_json_string(text); });
        }
    };
};

/// Keys as `MemCached` writes them: the text in base85.
struct CtuBase85Keys {
    static constexpr fixed_string name{"CtuBase85Keys"};

    template <class Next> class on {
    public:
        template <class... Pieces> [[nodiscard]] std::string key(key_view<Pieces...> const& k) const
        {
            return k.joined([](std::string_view text) {
                std::string out;
                detail::append_base85(out, text);
                return out;
            });
        }
    };
};

/// Keys and values as `BytesCache` writes them, in base85. A value that is not is `errc::corrupt`.
struct CtuBase85 {
    static constexpr fixed_string name{"CtuBase85"};

    template <class Next> class on : public CtuBase85Keys::on<Next> {
    public:
        status encode(std::string_view in, std::string& out) const
        {
            detail::append_base85(out, in);
            return {};
        }
        lookup<void> decode(std::string_view in, std::string& out) const
        {
            if (!detail::append_from_base85(out, in)) return errc::corrupt;
            return hit;
        }
    };
};

} // namespace strata
