#define BOOST_TEST_MODULE cipher_secret
#include <boost/test/unit_test.hpp>

#include <strata/cipher/secret.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using strata::secret_bytes;

namespace {

template <class T>
concept printable = requires(std::ostream& out, T const& t) { out << t; };

} // namespace

BOOST_AUTO_TEST_CASE(has_no_default_and_no_text)
{
    static_assert(!std::is_default_constructible_v<secret_bytes>);
    static_assert(!printable<secret_bytes>);
    static_assert(!std::is_convertible_v<secret_bytes, std::string_view>);
}

BOOST_AUTO_TEST_CASE(is_made_from_any_bytes)
{
    std::string const text{"with\0zero", 9};
    secret_bytes const from_string = text;
    secret_bytes const from_view = std::string_view{text};
    secret_bytes const from_bytes = std::vector<std::byte>(9);
    secret_bytes const from_literal = "literal";
    BOOST_CHECK(from_string == from_view);
    BOOST_CHECK(!(from_string == from_bytes));
    BOOST_CHECK_EQUAL(from_bytes.size(), 9u);
    BOOST_CHECK_EQUAL(from_literal.size(), 7u);
    BOOST_CHECK(std::string(from_string.reveal().begin(), from_string.reveal().end()) == text);
    std::vector<secret_bytes> const several{text, std::string_view{"second"}, "third"};
    BOOST_CHECK_EQUAL(several.size(), 3u);
    std::vector<secret_bytes> const two{"first literal", "second"};
    BOOST_CHECK_EQUAL(two.size(), 2u);
    BOOST_CHECK_EQUAL(two[0].size(), 13u);
}
