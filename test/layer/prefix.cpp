#define BOOST_TEST_MODULE layer_prefix
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <string>

using namespace strata;

namespace {

/// Reads below the layers: requests that do not pass them.
template <class Stack> bool stands_below(Stack& s, std::string_view key)
{
    lookup<void> result;
    detail::collect<void> sink{&result};
    single_key const keys{key_view{key}};
    s.template layer<Memory<>>().run(make_request<op::contains>(keys, sink));
    return result.hit();
}

} // namespace

BOOST_AUTO_TEST_CASE(keys_get_the_prefix)
{
    stack<Memory<>>::with<Prefix> s{Prefix{"session."}};
    BOOST_CHECK(s.put("alice", "token"));
    BOOST_CHECK(stands_below(s, "session.alice"));
    BOOST_CHECK(!stands_below(s, "alice"));
    BOOST_CHECK(s.get("session.alice").miss());
}

BOOST_AUTO_TEST_CASE(the_outer_prefix_comes_after_the_inner_one)
{
    stack<Memory<>>::with<Prefix>::with<Prefix> s{Prefix{"app."}, Prefix{"user."}};
    BOOST_CHECK(s.put("k", "v"));
    BOOST_CHECK(stands_below(s, "app.user.k"));
}

BOOST_AUTO_TEST_CASE(a_prefix_is_any_bytes)
{
    std::string const odd{"a\0\r\n\xff", 5};
    stack<Memory<>>::with<Prefix> s{Prefix{odd}};
    BOOST_CHECK(s.put("", "v"));
    BOOST_CHECK(stands_below(s, odd));
    stack<Memory<>>::with<Prefix> none{Prefix{}};
    BOOST_CHECK(none.put("k", "v"));
    BOOST_CHECK(stands_below(none, "k"));
    stack<Memory<>>::with<Prefix> large{Prefix{std::string(5000, 'p')}};
    BOOST_CHECK(large.put("k", "v"));
    BOOST_CHECK(large.get("k").hit());
    BOOST_CHECK(stands_below(large, std::string(5000, 'p').append("k")));
}

BOOST_AUTO_TEST_CASE(it_moves_with_its_stack)
{
    stack<Memory<>>::with<Prefix> s{Prefix{"p."}};
    BOOST_CHECK(s.put("k", "v"));
    auto t = std::move(s);
    BOOST_CHECK(t.get("k").hit());
    BOOST_TEST(t.layer<Prefix>().prefix().view() == "p.");
}
