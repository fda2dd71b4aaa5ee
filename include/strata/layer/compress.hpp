#pragma once

#include <strata/codec/codec.hpp>
#include <strata/core/layer.hpp>
#include <strata/core/lookup.hpp>
#include <strata/core/name.hpp>
#include <strata/format/detail/varint.hpp>

#include <boost/container/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

/// Values become shorter on their way down, by a codec: `Zstd`, `Lz4`, or one of the user's (see `codec`).
///
/// A value is stored as it is, behind a byte 0, where it is shorter than `.min_size` or would not shrink; else behind
/// the codec's id and its length. What cannot be decoded, or is of another codec, is `errc::corrupt`: only `Encrypt`
/// makes sure that what can be decoded is what was written. A value that is longer than `.max_size`, or claims to be,
/// is `errc::too_large`, both when it is put and when it is read: so a few hostile bytes cannot fill the memory. The
/// length is checked before memory is taken for it.
///
/// Nearer the store than `Encrypt` it does not compile. Further out it does, and then the length of what is stored
/// depends on the content: who sees lengths learns how well a value compresses, and one who can also place text of
/// theirs next to a secret in one value can find out the secret that way, byte by byte. Do not compress such values.
/// `Encrypt.padding` makes this harder, not impossible.
///
/// Safe from many threads where what lies beneath is. In steady state nothing is allocated for a value, as far as
/// the codec keeps to that. Linear time.
template <codec Codec> struct Compress {
    std::size_t min_size = 128;                   ///< Shorter values are stored as they are.
    std::size_t max_size = std::size_t{64} << 20; ///< Longer values are refused.
    int level = Codec::default_level;             ///< How hard the codec tries, in its own terms.
    std::string dictionary = {};                  ///< For codecs that take one; empty: none.
    std::vector<std::string> retired = {};        ///< Older dictionaries, whose values may still be read.

    static constexpr auto name = fixed_string{"Compress<"} + name_of<Codec>() + fixed_string{">"};

    template <class Next> class on {
    public:
        /// Tells `Encrypt` not to stand further out.
        static constexpr bool compresses = true;

        using buffer = boost::container::vector<char>;

        explicit on(Compress policy)
            : min_size_{policy.min_size}
            , max_size_{checked(policy.max_size)}
            , coder_{codec_settings{policy.level, std::move(policy.dictionary), std::move(policy.retired)}}
        {
        }

        status encode(std::string_view in, buffer& out) const
        {
            if (in.size() > max_size_) return errc::too_large;
            if (in.size() >= min_size_ && compressed(in, out)) return {};
            out.resize(1 + in.size(), boost::container::default_init);
            out[0] = as_it_is;
            if (!in.empty()) std::memcpy(&out[1], in.data(), in.size());
            return {};
        }

        lookup<void> decode(std::string_view in, buffer& out) const
        {
            if (in.empty()) return errc::corrupt;
            if (in[0] == as_it_is) {
                if (in.size() - 1 > max_size_) return errc::too_large;
                out.assign(in.begin() + 1, in.end());
                return hit;
            }
            if (in[0] != id) return errc::corrupt;

            std::uint64_t length;
            char const* const end = in.data() + in.size();
            char const* const begin = detail::read_varint(in.data() + 1, end, length);
            if (!begin || length < in.size()) return errc::corrupt; // would have been stored as it is
            if (length > max_size_) return errc::too_large;
            std::string_view const body{begin, end};
            if constexpr (requires { Codec::most(body.size()); }) {
                if (length > Codec::most(body.size())) return errc::corrupt;
            }
            out.resize(static_cast<std::size_t>(length), boost::container::default_init);
            if (!coder_.decompress(body, {out.data(), out.size()})) return errc::corrupt;
            return hit;
        }

    private:
        static constexpr char as_it_is = 0;
        static constexpr char id = static_cast<char>(Codec::id);

        [[nodiscard]] static std::size_t checked(std::size_t longest)
        {
            if (longest == 0) throw std::invalid_argument{"Compress.max_size: no value would be short enough"};
            return longest;
        }

        /// False where that would not be shorter than the value as it is.
        bool compressed(std::string_view in, buffer& out) const
        {
            out.resize(in.size() + detail::max_varint, boost::container::default_init);
            out[0] = id;
            char* const body = detail::write_varint(&out[1], in.size());
            auto const before = static_cast<std::size_t>(body - out.data());
            if (in.size() <= before) return false;
            std::size_t const size = coder_.compress(in, {body, in.size() - before});
            out.resize(before + size);
            return size != 0;
        }

        std::size_t min_size_;
        std::size_t max_size_;
        typename Codec::coder coder_;
    };
};

} // namespace strata
