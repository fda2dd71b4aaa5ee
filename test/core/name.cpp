#define BOOST_TEST_MODULE core_name
#include <boost/test/unit_test.hpp>

#include <strata/core/name.hpp>

#include <string>

using namespace strata;

namespace elsewhere::deeper {
struct Plain {};
template <class T> struct Wrap {};
template <class A, class B> struct Two {};
} // namespace elsewhere::deeper

namespace {

struct Own {
    static constexpr fixed_string name{"My own name"};
};
struct Misleading {
    static constexpr int name = 3;
};

/// `Text` without its namespaces.
template <fixed_string Text> consteval auto without()
{
    fixed_string<detail::without_namespaces(Text, nullptr)> out;
    detail::without_namespaces(Text, out.text);
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_policy_is_named_without_its_namespace)
{
    using namespace elsewhere::deeper;
    static_assert(name_of<Plain>().view() == "Plain");
    static_assert(name_of<Wrap<Plain>>().view() == "Wrap<Plain>");
    static_assert(name_of<int>().view() == "int");
    BOOST_TEST((name_of<Two<Wrap<int>, Plain>>().view().find("::") == std::string_view::npos));
    BOOST_TEST((name_of<Two<Wrap<int>, Plain>>().view().starts_with("Two<Wrap<int>")));
}

BOOST_AUTO_TEST_CASE(a_policy_may_name_itself)
{
    static_assert(name_of<Own>().view() == "My own name");
    static_assert(name_of<Misleading>().view() == "Misleading");
    static_assert(name_of<elsewhere::deeper::Wrap<Misleading>>().view() == "Wrap<Misleading>");
}

BOOST_AUTO_TEST_CASE(namespaces_are_what_two_colons_follow)
{
    static_assert(without<"">().view() == "");
    static_assert(without<"a">().view() == "a");
    static_assert(without<"a::b">().view() == "b");
    static_assert(without<"a::b::c<d::e, f<g::h> >">().view() == "c<e, f<h> >");
    static_assert(without<"unsigned int">().view() == "unsigned int");
}
