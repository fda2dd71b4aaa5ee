#pragma once

#include <boost/config.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

/// Keys on their way to the store: pieces of bytes that are joined once, where the store needs them in one place.
namespace strata {

/// Text as a template argument: `FixedPrefix<"p.">`.
template <std::size_t N> struct fixed_string {
    char text[N + 1] = {};

    constexpr fixed_string() = default;
    constexpr fixed_string(char const (&literal)[N + 1]) noexcept
    {
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
    }

    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N}; }
    constexpr operator std::string_view() const noexcept { return view(); }

    template <std::size_t M>
    friend constexpr fixed_string<N + M> operator+(fixed_string const& a, fixed_string<M> const& b) noexcept
    {
        fixed_string<N + M> joined;
        for (std::size_t i = 0; i < N; ++i) joined.text[i] = a.text[i];
        for (std::size_t i = 0; i < M; ++i) joined.text[N + i] = b.text[i];
        return joined;
    }
};
template <std::size_t N> fixed_string(char const (&)[N]) -> fixed_string<N - 1>;

/// A piece of a key whose bytes the compiler knows.
template <fixed_string Text> struct fixed_piece {
    [[nodiscard]] static constexpr std::string_view view() noexcept { return Text.view(); }
};

/// A piece of a key whose bytes lie elsewhere and outlive the operation.
class piece {
public:
    constexpr piece(std::string_view bytes = {}) noexcept : bytes_{bytes} {}

    /// In two halves. Compilers copy 16 bytes as one, just after the halves have been written apart, and processors
    /// have to wait then until both are in the cache: a quarter of the time of a key's way through a stack.
    constexpr piece(piece const& other) noexcept : bytes_{other.bytes_.data(), other.bytes_.size()} {}
    piece& operator=(piece const&) = default;

    [[nodiscard]] constexpr std::string_view view() const noexcept { return bytes_; }

private:
    std::string_view bytes_;
};

/// A key as a sequence of pieces, outermost prefix last: pieces stand in the order of their bytes.
/// It is a view: it copies and owns nothing.
template <class... Pieces> class key_view {
public:
    static constexpr std::size_t pieces = sizeof...(Pieces);

    constexpr explicit key_view(std::tuple<Pieces...> list) noexcept : pieces_{list} {}
    constexpr key_view(std::string_view bytes) noexcept
        requires(std::same_as<key_view, key_view<piece>>)
        : pieces_{piece{bytes}}
    {
    }

    /// Bytes in all pieces together.
    [[nodiscard]] constexpr std::size_t size() const noexcept
    {
        return std::apply([](auto const&... p) { return (std::size_t{0} + ... + p.view().size()); }, pieces_);
    }

    /// Calls `f` with the bytes of each piece in turn.
    template <class F> constexpr void for_each(F&& f) const
    {
        std::apply([&](auto const&... p) { (f(p.view()), ...); }, pieces_);
    }

    /// Writes all pieces at `out` and returns the end of what was written.
    char* copy_to(char* out) const noexcept
    {
        for_each([&](std::string_view bytes) {
            if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
            out += bytes.size();
        });
        return out;
    }

    /// Calls `f` with all bytes in one place: where they lie if there is one piece, else joined in a buffer that
    /// allocates only beyond 256 bytes. Inlined by force: else clang keeps all of the request in memory for its sake.
    template <class F> BOOST_FORCEINLINE decltype(auto) joined(F&& f) const
    {
        if constexpr (pieces == 1) {
            return std::forward<F>(f)(std::get<0>(pieces_).view());
        } else {
            std::size_t const length = size();
            char near[256];
            std::unique_ptr<char[]> const far{length > sizeof near ? new char[length] : nullptr};
            char* const buffer = far ? far.get() : near;
            copy_to(buffer);
            return std::forward<F>(f)(std::string_view{buffer, length});
        }
    }

    [[nodiscard]] constexpr auto prepend(piece front) const noexcept
    {
        return key_view<piece, Pieces...>{std::tuple_cat(std::tuple{front}, pieces_)};
    }

    /// A compile-time piece in front of another one becomes one piece.
    template <fixed_string Text> [[nodiscard]] constexpr auto prepend(fixed_piece<Text> front) const noexcept
    {
        return join_front(front, pieces_);
    }

private:
    template <fixed_string A, fixed_string B, class... Rest>
    static constexpr auto join_front(fixed_piece<A>, std::tuple<fixed_piece<B>, Rest...> const& list) noexcept
    {
        return key_view<fixed_piece<A + B>, Rest...>{std::apply(
            [](auto const&, auto const&... rest) { return std::tuple{fixed_piece<A + B>{}, rest...}; }, list)};
    }
    template <class Front, class... All>
    static constexpr auto join_front(Front front, std::tuple<All...> const& list) noexcept
    {
        return key_view<Front, All...>{std::tuple_cat(std::tuple{front}, list)};
    }

    std::tuple<Pieces...> pieces_;
};
key_view(std::string_view) -> key_view<piece>;

/// What a store with keys of type `Key` can be asked with beside a `Key`, so that none need be built: a view of one.
/// Specialize it for a key type of your own. A `Key` converts to its view and can be made of it (explicitly, when an
/// entry is stored); both compare by `==`, and the view is what `key_hash` hashes. For `std::string` it is
/// `std::string_view`.
template <class Key> struct view_of_key {
    using type = Key;
};
template <> struct view_of_key<std::string> {
    using type = std::string_view;
};
template <class Key> using view_of_key_t = typename view_of_key<Key>::type;

} // namespace strata
