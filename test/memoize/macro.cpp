#define BOOST_TEST_MODULE memoize_macro
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

// What a header of a service would have.
namespace shop {

using Cache = strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Binary>>;

extern Cache cache;

STRATA_DECLARE_MEMOIZED(cache, long, price, (std::string const& article, int count));
STRATA_DECLARE_MEMOIZED(cache, bool, odd, (unsigned n));
STRATA_DECLARE_MEMOIZED(cache, (std::map<int, std::string>), table, (int n, std::string const& text));

inline long total(std::vector<std::string> const& articles)
{
    long sum = 0;
    for (std::string const& article : articles) sum += price(article, 1);
    return sum;
}

} // namespace shop

// What one of its files would have.
namespace shop {

Cache cache;

int calls = 0;

STRATA_MEMOIZE(cache, long, price, (std::string const& article, int count))
{
    ++calls;
    if (count < 0) throw std::invalid_argument{"nobody buys less than nothing"};
    return static_cast<long>(article.size()) * count;
}

STRATA_MEMOIZE(cache, bool, even, (unsigned n)) { return n == 0 || odd(n - 1); }
STRATA_MEMOIZE(cache, bool, odd, (unsigned n)) { return n != 0 && even(n - 1); }

STRATA_MEMOIZE(cache, (std::map<int, std::string>), table, (int n, std::string const& text)) { return {{n, text}}; }

STRATA_MEMOIZE(cache, std::string, greeting, ()) { return "hello " + std::to_string(++calls); }

} // namespace shop

namespace {

int fib_calls = 0;

STRATA_MEMOIZE(shop::cache, long, fib, (int n))
{
    ++fib_calls;
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

strata::stack<strata::Memory<>>::with<strata::Serialize<strata::Binary>>::with<strata::Prefix> other{
    strata::Prefix{"other."}};

namespace of_another_name {

STRATA_MEMOIZE(other, long, fib, (int n)) { return -n; }

} // namespace of_another_name

struct each_anew {
    each_anew()
    {
        BOOST_REQUIRE(shop::cache.clear());
        BOOST_REQUIRE(other.clear());
        shop::calls = fib_calls = 0;
    }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_definition_calls_itself_through_the_cache, each_anew)
{
    BOOST_TEST(fib(90) == 2880067194370816120);
    BOOST_TEST(fib_calls == 91);
    BOOST_TEST(fib(90) == 2880067194370816120);
    BOOST_TEST(fib_calls == 91);
    BOOST_TEST(fib.key(90) == "fib.[90]");
    BOOST_TEST(fib.contains(90).hit());
    BOOST_TEST(fib.contains(91).miss());
    BOOST_TEST(fib.erase(90).hit());
    BOOST_TEST(fib.erase(90).miss());
    BOOST_TEST(fib.uncached(90) == 2880067194370816120);
    BOOST_TEST(fib_calls == 92); // 89 and 88 are there
    BOOST_TEST(fib.contains(90).miss());
}

BOOST_FIXTURE_TEST_CASE(a_declaration_is_enough_for_callers, each_anew)
{
    BOOST_TEST(shop::total({"pear", "apple", "pear"}) == 13);
    BOOST_TEST(shop::calls == 2);
    BOOST_TEST(shop::price.key("pear", 1) == R"(price.["pear",1])");
    BOOST_TEST(shop::price.contains("pear", 1).hit());
    BOOST_TEST((shop::even(10) && shop::odd(7)));
    BOOST_TEST((shop::odd.contains(9).hit() && shop::even.contains(8).hit()));
}

BOOST_FIXTURE_TEST_CASE(results_and_parameters_of_any_shape, each_anew)
{
    BOOST_TEST(shop::table(2, "two").at(2) == "two");
    BOOST_TEST(shop::table.key(2, "two") == R"(table.[2,"two"])");
    BOOST_TEST(shop::greeting() == "hello 1");
    BOOST_TEST(shop::greeting() == "hello 1");
    BOOST_TEST(shop::greeting.key() == "greeting.[]");
    static_assert(std::same_as<decltype(shop::table(1, "")), std::map<int, std::string>>);
}

/// `name` is an object like others: it can be passed on, and has a lifetime for its results.
BOOST_FIXTURE_TEST_CASE(the_name_is_an_object, each_anew)
{
    std::vector<int> const numbers{1, 2, 3, 10};
    std::vector<long> made(numbers.size());
    std::ranges::transform(numbers, made.begin(), std::cref(fib));
    BOOST_TEST(made == (std::vector<long>{1, 1, 2, 55}), boost::test_tools::per_element());
    std::function<long(int)> const any = fib;
    BOOST_TEST(any(10) == 55);
    BOOST_TEST(fib_calls == 11);
    BOOST_CHECK_THROW(fib.ttl(std::chrono::seconds{0}), std::invalid_argument);
    fib.ttl(std::chrono::hours{1});
    BOOST_TEST(fib(11) == 89);
}

BOOST_FIXTURE_TEST_CASE(what_a_body_throws_reaches_the_caller, each_anew)
{
    BOOST_CHECK_THROW(shop::price("pear", -1), std::invalid_argument);
    BOOST_CHECK_THROW(shop::price("pear", -1), std::invalid_argument);
    BOOST_TEST(shop::calls == 2);
    BOOST_TEST(shop::price.contains("pear", -1).miss());
}

/// The key has the name and not its namespace, so two of a name need two caches, or a prefix of their own.
BOOST_FIXTURE_TEST_CASE(functions_of_one_name, each_anew)
{
    BOOST_TEST(fib.key(7) == of_another_name::fib.key(7));
    BOOST_TEST(fib(7) == 13);
    BOOST_TEST(of_another_name::fib(7) == -7);
    BOOST_TEST(other.contains("fib.[7]").hit());
}
