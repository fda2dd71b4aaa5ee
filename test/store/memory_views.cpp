#define BOOST_TEST_MODULE store_memory_views
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <boost/container_hash/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

struct page_view {
    std::string_view host;
    std::string_view path;
};

/// A key that is dear to build.
struct page {
    std::string host;
    std::string path;

    page(std::string h, std::string p) : host{std::move(h)}, path{std::move(p)} { ++built; }
    explicit page(page_view v) : page{std::string{v.host}, std::string{v.path}} {}
    page(page const& other) : page{other.host, other.path} {}
    page& operator=(page const&) = default;

    operator page_view() const noexcept { return {host, path}; }
    friend bool operator==(page const& a, page_view b) noexcept { return a.host == b.host && a.path == b.path; }

    /// For `Coalesce`, whose map has keys of its own.
    friend std::size_t hash_value(page const& p) { return boost::hash<std::string>{}(p.host + p.path); }

    static inline int built = 0;
};

} // namespace

template <> struct strata::view_of_key<page> {
    using type = page_view;
};
template <> struct strata::key_hash<page_view> {
    std::uint64_t operator()(page_view v, hash_seed const& seed) const noexcept
    {
        return detail::hash_word(detail::hash_bytes(v.host, seed) ^ detail::hash_bytes(v.path, seed) * 3, seed);
    }
};

namespace {

template <class Stack> void serves_views()
{
    Stack cache;
    page const home{"example.org", "/"};
    BOOST_REQUIRE(cache.put(home, 1));
    BOOST_REQUIRE(cache.put(page_view{"example.org", "/more"}, 2));
    BOOST_TEST(cache.put(page_view{"example.org", "/"}, 3).error() == std::error_code{});

    page::built = 0;
    BOOST_TEST(cache.get(page_view{"example.org", "/"}).value() == 3);
    BOOST_TEST(cache.get(home).value() == 3);
    BOOST_TEST(cache.get(page_view{"example.org", "/mor"}).miss());
    BOOST_TEST(cache.get(page_view{"example.or", "g/more"}).miss());
    BOOST_TEST(cache.contains(page_view{"example.org", "/more"}).hit());
    BOOST_TEST(cache.touch(page_view{"example.org", "/more"}, 1h).hit());
    std::vector<page_view> const views{{"example.org", "/"}, {"example.net", "/"}, {"example.org", "/more"}};
    auto const found = cache.get_many(views);
    BOOST_TEST((*found[0] == 3 && found[1].miss() && *found[2] == 2));
    BOOST_TEST(cache.erase(page_view{"example.org", "/more"}).hit());
    BOOST_TEST(page::built == 0);

    int calls = 0;
    auto const make = [&] { return ++calls; };
    BOOST_TEST(cache.get_or(page_view{"example.net", "/"}, make) == 1);
    BOOST_TEST(cache.get_or(page_view{"example.net", "/"}, make) == 1);
    BOOST_TEST(*cache.size() == 2u);
}

} // namespace

BOOST_AUTO_TEST_CASE(one_thread) { serves_views<stack<Memory<page, int>>>(); }

BOOST_AUTO_TEST_CASE(sharded) { serves_views<stack<Memory<page, int, Lru, Sharded>>>(); }

BOOST_AUTO_TEST_CASE(under_layers) { serves_views<stack<Memory<page, int>>::with<Coalesce>::with<Stats>>(); }

BOOST_AUTO_TEST_CASE(functions_get_views)
{
    std::map<std::string, int> gone;
    using Cache = Memory<page, int, Fifo>;
    stack<Cache> cache{Cache{.max_entries = 1, .on_removal = [&](page_view key, int value, removal) {
                                 gone[std::string{key.path}] = value;
                             }}};
    BOOST_REQUIRE(cache.put(page_view{"h", "/1"}, 1));
    BOOST_REQUIRE(cache.put(page_view{"h", "/2"}, 2));
    BOOST_TEST((gone == std::map<std::string, int>{{"/1", 1}}));
    cache.layer<Cache>().for_each([&](page_view key, int value) { gone[std::string{key.path}] = value; });
    BOOST_TEST(gone.at("/2") == 2);
}
