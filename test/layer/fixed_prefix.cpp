#define BOOST_TEST_MODULE layer_fixed_prefix
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <memory>
#include <string>

using namespace strata;

namespace {

/// Writes down the keys that pass, and of how many pieces they are.
struct Keys {
    struct seen {
        std::string last;
        std::size_t pieces = 0;
    };
    std::shared_ptr<seen> keys = std::make_shared<seen>();

    template <class Next> struct on {
        static constexpr bool takes_over = true;

        explicit on(Keys policy) : keys{std::move(policy.keys)} {}

        template <class R> void run(R const& r, Next& next)
        {
            if constexpr (!scoped<typename R::operation>) {
                keys->last = r.keys[0].joined([](std::string_view text) { return std::string{text}; });
                keys->pieces = decltype(r.keys[0])::pieces;
            }
            next.run(r);
        }

        std::shared_ptr<seen> keys;
    };
};

} // namespace

BOOST_AUTO_TEST_CASE(keys_get_the_prefix)
{
    Keys keys;
    stack<Memory<>>::with<Keys>::with<FixedPrefix<"p.">> s{keys};
    BOOST_CHECK(s.put("k", "v"));
    BOOST_TEST(keys.keys->last == "p.k");
    BOOST_TEST(keys.keys->pieces == 2u);
    BOOST_CHECK(s.get("k").hit());
}

BOOST_AUTO_TEST_CASE(neighbours_become_one_piece)
{
    Keys keys;
    stack<Memory<>>::with<Keys>::with<FixedPrefix<"a.">>::with<FixedPrefix<"b.">>::with<FixedPrefix<"c.">> s{keys};
    BOOST_CHECK(s.put("k", "v"));
    BOOST_TEST(keys.keys->last == "a.b.c.k");
    BOOST_TEST(keys.keys->pieces == 2u);
    stack<Memory<>>::with<Keys>::with<FixedPrefix<"a.">>::with<Prefix>::with<FixedPrefix<"c.">> t{keys, Prefix{"b."}};
    BOOST_CHECK(t.put("k", "v"));
    BOOST_TEST(keys.keys->last == "a.b.c.k");
    BOOST_TEST(keys.keys->pieces == 4u);
}

BOOST_AUTO_TEST_CASE(a_prefix_is_any_bytes)
{
    Keys keys;
    stack<Memory<>>::with<Keys>::with<FixedPrefix<"\0\xff">> s{keys};
    BOOST_CHECK(s.put("k", "v"));
    BOOST_CHECK((keys.keys->last == std::string{"\0\xffk", 3}));
    stack<Memory<>>::with<Keys>::with<FixedPrefix<"">> none{keys};
    BOOST_CHECK(none.put("k", "v"));
    BOOST_TEST(keys.keys->last == "k");
    static_assert(FixedPrefix<"p.">::name.view() == "FixedPrefix<\"p.\">");
}
