#define BOOST_TEST_MODULE core_value
#include <boost/test/unit_test.hpp>

#include <strata/core/value.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;

BOOST_AUTO_TEST_CASE(what_bytes_are_got_into)
{
    static_assert(byte_string<std::string> && byte_string<std::vector<char>> && byte_string<std::vector<std::byte>>);
    static_assert(byte_string<std::vector<unsigned char>>);
    static_assert(!byte_string<std::string_view> && !byte_string<std::array<char, 4>> && !byte_string<int>);
    static_assert(!byte_string<std::vector<int>> && !byte_string<std::vector<bool>> && !byte_string<std::wstring>);
}

BOOST_AUTO_TEST_CASE(what_bytes_are_put_from)
{
    static_assert(byte_view<char const*> && byte_view<char[4]> && byte_view<std::string_view>);
    static_assert(byte_view<std::array<unsigned char, 3>> && byte_view<std::span<std::byte const>>);
    static_assert(!byte_view<int> && !byte_view<std::vector<int>> && !byte_view<std::vector<bool>>);

    BOOST_TEST(view_bytes("text") == "text");
    BOOST_TEST((view_bytes(std::array<char, 3>{'a', '\0', 'b'}) == std::string_view{"a\0b", 3}));
    BOOST_TEST(view_bytes(std::vector<std::byte>{std::byte{65}, std::byte{255}}) == "A\xff");
    BOOST_TEST(view_bytes(std::vector<char>{}).empty());
}

BOOST_AUTO_TEST_CASE(a_target_is_given_all_bytes_and_keeps_its_capacity)
{
    for (std::size_t const before : {0u, 3u, 100u}) {
        for (std::size_t const length : {0u, 1u, 3u, 50u, 200u}) {
            std::string const bytes(length, 'x');
            std::string text(before, 'o');
            auto const capacity = text.capacity();
            assign_bytes(text, bytes);
            BOOST_TEST(text == bytes);
            BOOST_TEST(text.capacity() >= capacity);
            std::vector<std::byte> raw(before, std::byte{7});
            assign_bytes(raw, bytes);
            BOOST_TEST(view_bytes(raw) == bytes);
        }
    }
}

BOOST_AUTO_TEST_CASE(text_is_stored_as_a_string)
{
    static_assert(std::same_as<stored_t<char const*>, std::string>);
    static_assert(std::same_as<stored_t<char[6]>, std::string>);
    static_assert(std::same_as<stored_t<std::string_view>, std::string>);
    static_assert(std::same_as<stored_t<std::string>, std::string>);
    static_assert(std::same_as<stored_t<std::vector<char>>, std::vector<char>>);
    static_assert(std::same_as<stored_t<int>, int>);
}

BOOST_AUTO_TEST_CASE(a_stack_knows_what_it_holds)
{
    using of_bytes = detail::values_of<bytes>;
    static_assert(of_bytes::holds<std::string> && of_bytes::takes<char const(&)[3]> && !of_bytes::takes<int>);
    using of_numbers = detail::values_of<long>;
    static_assert(of_numbers::holds<long> && !of_numbers::holds<int> && of_numbers::takes<int>);
    static_assert(std::same_as<of_numbers::natural, long> && std::same_as<of_bytes::natural, std::string>);
    static_assert(std::same_as<of_numbers::made<int>, long> && std::same_as<of_bytes::made<char const*>, std::string>);
}
