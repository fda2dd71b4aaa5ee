#define BOOST_TEST_MODULE core_key
#include <boost/test/unit_test.hpp>

#include <strata/core/key.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;

namespace {

std::string text(auto const& key)
{
    std::string joined = key.joined([](std::string_view bytes) { return std::string{bytes}; });

    std::string copied(key.size(), '?');
    BOOST_REQUIRE(key.copy_to(copied.data()) == copied.data() + copied.size());
    BOOST_TEST(copied == joined);

    std::string gathered;
    key.for_each([&](std::string_view bytes) { gathered += bytes; });
    BOOST_TEST(gathered == joined);
    return joined;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_piece_is_lent_as_it_lies)
{
    std::string const bytes{"a\0b", 3};
    key_view const key{std::string_view{bytes}};
    static_assert(std::same_as<decltype(key), key_view<piece> const>);
    BOOST_TEST(text(key) == bytes);
    key.joined([&](std::string_view lent) { BOOST_CHECK(lent.data() == bytes.data()); });
}

BOOST_AUTO_TEST_CASE(pieces_stand_in_the_order_of_their_bytes)
{
    std::string_view const name = "alice";
    auto const inner = key_view{name}.prepend(piece{"session."});
    auto const outer = inner.prepend(fixed_piece<"v1.">{}).prepend(piece{"app."});
    BOOST_TEST(text(inner) == "session.alice");
    BOOST_TEST(text(outer) == "app.v1.session.alice");
    BOOST_TEST(outer.size() == 20u);
    static_assert(decltype(outer)::pieces == 4);
}

BOOST_AUTO_TEST_CASE(neighbours_that_the_compiler_knows_become_one)
{
    auto const key = key_view{std::string_view{"k"}}.prepend(fixed_piece<"b.">{}).prepend(fixed_piece<"a.">{});
    static_assert(std::same_as<decltype(key), key_view<fixed_piece<"a.b.">, piece> const>);
    BOOST_TEST(text(key) == "a.b.k");
}

BOOST_AUTO_TEST_CASE(pieces_may_be_empty_or_long)
{
    BOOST_TEST(text(key_view<>{std::tuple{}}) == "");
    BOOST_TEST(text(key_view{std::string_view{}}.prepend(piece{}).prepend(fixed_piece<"">{})) == "");
    for (std::size_t length : {0u, 1u, 253u, 254u, 255u, 256u, 257u, 10'000u}) {
        std::string const tail(length, 'x');
        BOOST_TEST(text(key_view{std::string_view{tail}}.prepend(piece{"p."})) == "p." + tail);
    }
}

BOOST_AUTO_TEST_CASE(joined_returns_what_is_returned_to_it)
{
    auto const key = key_view{std::string_view{"b"}}.prepend(piece{"a"});
    static_assert(std::same_as<decltype(key.joined([](std::string_view) {})), void>);
    BOOST_TEST(key.joined([](std::string_view bytes) { return bytes.size(); }) == 2u);
    BOOST_CHECK_THROW(key.joined([](std::string_view) -> int { throw 1; }), int);
}

BOOST_AUTO_TEST_CASE(fixed_strings_join_at_compile_time)
{
    constexpr fixed_string joined = fixed_string{"a\0b"} + fixed_string{""} + fixed_string{"c"};
    static_assert(joined.view() == std::string_view{"a\0bc", 4});
    static_assert(fixed_piece<"x">::view() == "x");
    static_assert(std::string_view{fixed_string{"abc"}} == "abc");
}
