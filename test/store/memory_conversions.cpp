#define BOOST_TEST_MODULE store_memory_conversions
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <any>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using wider = std::tuple<stack<Memory<std::uint64_t, std::uint64_t>>, stack<Memory<std::int64_t, double>>,
                         stack<Memory<std::size_t, unsigned, Lru, Sharded>>,
                         stack<Memory<std::uint64_t, std::uint64_t>>::with<Coalesce>>;

} // namespace

/// Tests are compiled with -Wconversion and -Werror: what is shown here is that the headers do not warn either.
BOOST_AUTO_TEST_CASE_TEMPLATE(plain_numbers_are_keys_and_values_of_wider_types, Stack, wider)
{
    using value = typename Stack::value_type;
    Stack cache;
    BOOST_TEST(cache.put(1, 10).error() == std::error_code{});
    BOOST_TEST(cache.put(2, 20, 1h).error() == std::error_code{});
    BOOST_TEST((cache.add(2, 21).error() == errc::exists));
    BOOST_TEST((*cache.get(1) == value{10}));
    value out{};
    BOOST_TEST(cache.get_to(2, out).hit());
    BOOST_TEST((out == value{20}));
    BOOST_TEST(cache.visit(1, [](auto const&) {}).hit());
    BOOST_TEST(cache.contains(1).hit());
    BOOST_TEST(cache.touch(1, 1h).hit());
    BOOST_TEST((cache.get_or(3, [] { return 30; }) == value{30}));
    BOOST_TEST((*cache.get_many(std::array{3, 4})[0] == value{30}));
    BOOST_TEST(cache.put_many(std::vector<std::pair<int, int>>{{4, 40}})[0].error() == std::error_code{});
    BOOST_TEST(cache.erase_many(std::array{4, 5})[0].hit());
    BOOST_TEST(cache.erase(1).hit());
    BOOST_TEST(*cache.size() == 2u);
}

BOOST_AUTO_TEST_CASE(functions_see_the_value_that_is_stored)
{
    using Cache = Memory<std::string, std::any>;
    std::vector<std::string> seen;
    auto const look = [&](std::any const& value) {
        auto const* text = std::any_cast<std::string>(&value);
        seen.push_back(text ? *text : "not a string");
    };
    stack<Cache> cache{Cache{.max_bytes = 100,
                             .weigher = [&](auto, std::any const& value) { return look(value), std::size_t{1}; },
                             .lifetime_of = [&](auto, std::any const& value) { return look(value), lifetime{1h}; }}};
    BOOST_REQUIRE(cache.put("key", "literal"));
    BOOST_REQUIRE(cache.put("key", std::string{"string"}));
    BOOST_TEST((seen == std::vector<std::string>{"literal", "literal", "string", "string"}));
}

BOOST_AUTO_TEST_CASE(what_is_not_stored_is_not_moved)
{
    stack<Memory<int, std::unique_ptr<int>>> cache;
    BOOST_REQUIRE(cache.put(1, std::make_unique<int>(1)));
    auto other = std::make_unique<int>(2);
    BOOST_TEST((cache.add(1, std::move(other)).error() == errc::exists));
    BOOST_TEST((other && *other == 2));
}
