#pragma once

#include <strata/core/lifetime.hpp>
#include <strata/store/key_hash.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ios>
#include <istream>
#include <ostream>
#include <ranges>
#include <streambuf>
#include <string>
#include <string_view>
#include <type_traits>

/// The file format of a `Memory`: a header, the entries, and a check over both.
///
///     "strata-memory\n"   14 bytes
///     version             1 byte: 2
///     byte order          1 byte: 'l' or 'b'
///     kind of a key       1 byte: 's' string, 'b' bool, 'i' signed, 'u' unsigned, 'f' floating, 'e' enum, 'o' other
///     kind of a value     1 byte
///     size of a key       4 bytes; 0 for strings
///     size of a value     4 bytes; 0 for strings
///     number of entries   8 bytes
///     entries             left (8 bytes, milliseconds, -1: endless), sizes of strings (4 bytes each), bytes
///     check               8 bytes: the hash of everything before
///
/// Numbers and objects are in the byte order of the machine; a file of another order is refused. Objects are told apart
/// by kind and size alone. The check finds damage, not forgery.
namespace strata::detail {

inline constexpr std::string_view snapshot_magic = "strata-memory\n";
inline constexpr char snapshot_version = 2;
inline constexpr char snapshot_order = std::endian::native == std::endian::little ? 'l' : 'b';
inline constexpr hash_seed snapshot_seed{0x243F6A8885A308D3u, 0x13198A2E03707345u};

template <class T> inline constexpr std::uint32_t snapshot_size = sizeof(T);
template <> inline constexpr std::uint32_t snapshot_size<std::string> = 0;

/// Views and pointers could be copied, and what they lead to would not be there.
template <class T>
concept snapshot_type = std::same_as<T, std::string> ||
                        (std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !std::is_member_pointer_v<T> &&
                         !std::ranges::view<T>);

template <class T>
inline constexpr char snapshot_kind = std::same_as<T, std::string> ? 's'
                                      : std::same_as<T, bool>      ? 'b'
                                      : std::is_floating_point_v<T> ? 'f'
                                      : std::is_enum_v<T>          ? 'e'
                                      : std::signed_integral<T>    ? 'i'
                                      : std::unsigned_integral<T>  ? 'u'
                                                                   : 'o';

template <class Key, class Value> class snapshot_writer {
    static_assert(snapshot_type<Key> && snapshot_type<Value>,
                  "strata: a snapshot takes keys and values that are strings or trivially copyable");

public:
    snapshot_writer()
    {
        bytes_ += snapshot_magic;
        bytes_ += {snapshot_version, snapshot_order, snapshot_kind<Key>, snapshot_kind<Value>};
        number(snapshot_size<Key>);
        number(snapshot_size<Value>);
        entries_at_ = bytes_.size();
        number(entries_);
    }

    template <class K, class V> void add(K const& key, V const& value, std::int64_t left)
    {
        number(left);
        size<Key>(key);
        size<Value>(value);
        content(key);
        content(value);
        ++entries_;
    }

    void finish(std::ostream& out)
    {
        std::memcpy(bytes_.data() + entries_at_, &entries_, sizeof entries_);
        number(hash_bytes(bytes_, snapshot_seed));
        out.write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    }

private:
    template <class N> void number(N n) { bytes_.append(reinterpret_cast<char const*>(&n), sizeof n); }
    template <class T, class V> void size(V const& value)
    {
        if constexpr (std::same_as<T, std::string>) number(static_cast<std::uint32_t>(value.size()));
    }
    void content(std::string_view text) { bytes_ += text; }
    template <class T>
        requires(!std::convertible_to<T const&, std::string_view>)
    void content(T const& object)
    {
        number(object);
    }

    std::string bytes_;
    std::uint64_t entries_ = 0;
    std::size_t entries_at_ = 0;
};

template <class T> [[nodiscard]] bool take(std::string_view& from, T& out)
{
    if (from.size() < sizeof out) return false;
    if constexpr (std::same_as<T, bool>) { // no other byte may be one
        if (static_cast<unsigned char>(from.front()) > 1) return false;
    }
    std::memcpy(static_cast<void*>(&out), from.data(), sizeof out);
    from.remove_prefix(sizeof out);
    return true;
}

/// A string as a view of the file, an object as a copy.
template <class T> struct snapshot_field {
    T content{};

    bool take_size(std::string_view&) { return true; }
    bool take_content(std::string_view& from) { return take(from, content); }
};
template <> struct snapshot_field<std::string> {
    std::string_view content;
    std::uint32_t size = 0;

    bool take_size(std::string_view& from) { return take(from, size); }
    bool take_content(std::string_view& from)
    {
        if (from.size() < size) return false;
        content = from.substr(0, size);
        from.remove_prefix(size);
        return true;
    }
};

template <class Key, class Value> class snapshot_reader {
    static_assert(snapshot_type<Key> && snapshot_type<Value>,
                  "strata: a snapshot takes keys and values that are strings or trivially copyable");

public:
    /// Reads all that is left. A file that cannot be read, such as a folder, is as an empty one.
    explicit snapshot_reader(std::istream& in)
    {
        if (in.rdbuf() == nullptr) return;
        try {
            std::string chunk(1 << 16, '\0');
            std::streamsize read = 0;
            while ((read = in.rdbuf()->sgetn(chunk.data(), static_cast<std::streamsize>(chunk.size()))) > 0) {
                bytes_.append(chunk, 0, static_cast<std::size_t>(read));
            }
        } catch (std::ios_base::failure const&) {
            bytes_.clear();
        }
    }

    /// Whether all of it is there, of these types, and undamaged.
    [[nodiscard]] bool whole()
    {
        std::uint64_t check = 0;
        std::string_view rest = bytes_;
        if (rest.size() < sizeof check) return false;
        std::memcpy(&check, rest.data() + rest.size() - sizeof check, sizeof check);
        rest.remove_suffix(sizeof check);
        if (check != hash_bytes(rest, snapshot_seed)) return false;

        if (!rest.starts_with(snapshot_magic)) return false;
        rest.remove_prefix(snapshot_magic.size());
        constexpr std::array expected{snapshot_version, snapshot_order, snapshot_kind<Key>, snapshot_kind<Value>};
        auto what = expected;
        std::uint32_t key_size = 0;
        std::uint32_t value_size = 0;
        if (!take(rest, what) || !take(rest, key_size) || !take(rest, value_size) || !take(rest, entries_) ||
            what != expected || key_size != snapshot_size<Key> || value_size != snapshot_size<Value>) {
            return false;
        }
        entries_at_ = bytes_.size() - sizeof check - rest.size();
        return walk(rest, [](auto&&...) {});
    }

    /// Calls `f(key, value, lifetime)` for each entry. Only where it is `whole`.
    template <class F> void for_each(F&& f)
    {
        walk(std::string_view{bytes_}.substr(entries_at_, bytes_.size() - entries_at_ - sizeof(std::uint64_t)), f);
    }

private:
    template <class F> bool walk(std::string_view rest, F&& f)
    {
        for (std::uint64_t i = 0; i < entries_; ++i) {
            std::int64_t left = 0;
            snapshot_field<Key> key;
            snapshot_field<Value> value;
            if (!take(rest, left) || !key.take_size(rest) || !value.take_size(rest) || !key.take_content(rest) ||
                !value.take_content(rest) || left < -1 || left == 0) {
                return false;
            }
            f(key.content, value.content, left < 0 ? lifetime{forever} : lifetime{std::chrono::milliseconds{left}});
        }
        return rest.empty();
    }

    std::string bytes_;
    std::uint64_t entries_ = 0;
    std::size_t entries_at_ = 0;
};

} // namespace strata::detail
