#define BOOST_TEST_MODULE layer_serialize
#include <boost/test/unit_test.hpp>

#include "../support/shapes.hpp"

#include <strata/json.hpp>
#include <strata/strata.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::string_literals;

/// Users of the first version had no mails; those of the third have just one.
template <> struct strata::migration<shapes::v2::user> {
    using from = shapes::v1::user;
    static shapes::v2::user convert(shapes::v1::user&& old) { return {old.id, std::move(old.name), {}}; }
};
template <> struct strata::migration<shapes::v3::user> {
    using from = shapes::v2::user;
    static shapes::v3::user convert(shapes::v2::user&& old)
    {
        return {old.id, std::move(old.name), old.mails.empty() ? "" : std::move(old.mails.front())};
    }
};

namespace {

using shapes::point;

/// Knows strings alone, and takes them alone.
struct Reversed {
    template <class T> static constexpr bool handles = std::same_as<T, std::string>;
    template <class T> static status encode(T const& text, std::string& out)
    {
        static_assert(std::same_as<T, std::string>);
        if (text == "refused") return std::errc::invalid_argument;
        out.assign(text.rbegin(), text.rend());
        return {};
    }
    template <class T> static lookup<T> decode(std::string_view in)
    {
        if (in == "corrupt") return errc::corrupt;
        if (in == "miss") return miss;
        return T(in.rbegin(), in.rend());
    }
};

template <class Format> void acts_like_a_cache_of_anything()
{
    typename stack<Memory<>>::template with<Serialize<Format>> cache;
    shapes::maker make{1};
    auto const value = make.make();
    BOOST_REQUIRE(cache.put("everything", value));
    BOOST_CHECK(cache.template get<shapes::everything>("everything").value() == value);
    BOOST_CHECK(cache.put("number", 5L));
    BOOST_CHECK(cache.template get<long>("number").value() == 5);
    BOOST_CHECK(cache.put("list", std::vector{1, 2}));
    BOOST_CHECK((cache.template get<std::vector<int>>("list").value() == std::vector{1, 2}));
    BOOST_CHECK(!cache.template get<std::string>("list"));
    BOOST_CHECK(cache.contains("list"));
    BOOST_CHECK(cache.erase("list"));
    BOOST_CHECK(cache.template get<std::vector<int>>("list").miss());
    BOOST_CHECK(cache.add("number", 6L).error() == errc::exists);
    BOOST_CHECK(cache.template get<std::string>("none").miss());

    point out{9, 9};
    BOOST_CHECK(!cache.get_to("point", out));
    BOOST_CHECK((out == point{9, 9}));
    BOOST_CHECK(cache.put("point", point{1, 2}));
    BOOST_CHECK(cache.get_to("point", out));
    BOOST_CHECK((out == point{1, 2}));

    BOOST_CHECK((cache.get_or("made", [] { return point{3, 4}; }) == point{3, 4}));
    BOOST_CHECK((cache.get_or("made", [] { return point{}; }) == point{3, 4}));

    std::vector<std::pair<std::string, point>> const entries{{"a", {1, 1}}, {"b", {2, 2}}};
    for (status const& done : cache.put_many(entries)) {
        BOOST_CHECK(done);
    }
    auto const found = cache.template get_many<point>({"b", "none", "a"});
    BOOST_CHECK((found[0].value() == point{2, 2} && found[1].miss() && found[2].value() == point{1, 1}));
}

template <class Format> void takes_text_of_any_kind()
{
    typename stack<Memory<>>::template with<Serialize<Format>> cache;
    auto const text = "with\0null"s;
    char buffer[] = "array";
    char const* pointer = "pointer";
    BOOST_CHECK(cache.put("literal", "literal"));
    BOOST_CHECK(cache.put("view", std::string_view{text}));
    BOOST_CHECK(cache.put("string", text));
    BOOST_CHECK(cache.put("moved", std::string{"moved"}));
    BOOST_CHECK(cache.put("array", buffer));
    BOOST_CHECK(cache.put("pointer", pointer));
    for (std::string const key : {"literal", "moved", "array", "pointer"}) {
        BOOST_CHECK(cache.template get<std::string>(key).value() == key);
    }
    BOOST_CHECK(cache.template get<std::string>("view").value() == text);
    BOOST_CHECK(cache.template get<std::string>("string").value() == text);
    BOOST_CHECK(cache.get_or("made", [] { return "made"; }) == "made");
    BOOST_CHECK(cache.get_or("made", [] { return "again"; }) == "made");
}

template <class Format> void migrates()
{
    stack<Memory<>> store;
    auto const put = [&](std::string_view key, auto const& value) {
        std::string out;
        BOOST_REQUIRE(Format::encode(value, out));
        BOOST_REQUIRE(store.put(key, out));
    };
    put("one", shapes::v1::user{1, "a"});
    put("two", shapes::v2::user{2, "b", {"b@x", "b@y"}});
    put("three", shapes::v3::user{3, "c", "c@x"});
    put("other", shapes::retyped::user{4, {"d"}});

    typename Serialize<Format>::template on<bytes> layer;
    auto const read = [&]<class T>(std::string_view key, std::type_identity<T>) {
        return layer.template decode<T>(store.get(key).value());
    };
    std::type_identity<shapes::v3::user> const newest;
    BOOST_CHECK((read("one", newest).value() == shapes::v3::user{1, "a", ""}));
    BOOST_CHECK((read("two", newest).value() == shapes::v3::user{2, "b", "b@x"}));
    BOOST_CHECK((read("three", newest).value() == shapes::v3::user{3, "c", "c@x"}));
    BOOST_CHECK(read("other", newest).miss());
    BOOST_CHECK(read("one", std::type_identity<shapes::v2::user>{}).hit());
    BOOST_CHECK(!read("three", std::type_identity<shapes::v1::user>{}).failed());
}

} // namespace

BOOST_AUTO_TEST_CASE(any_type)
{
    acts_like_a_cache_of_anything<Json>();
    acts_like_a_cache_of_anything<Binary>();
    acts_like_a_cache_of_anything<MsgPack>();
}

BOOST_AUTO_TEST_CASE(text)
{
    takes_text_of_any_kind<Json>();
    takes_text_of_any_kind<Binary>();
    takes_text_of_any_kind<MsgPack>();
    takes_text_of_any_kind<Raw>();
    takes_text_of_any_kind<Reversed>();
}

BOOST_AUTO_TEST_CASE(what_formats_say_passes)
{
    stack<Memory<>>::with<Serialize<Reversed>>::with<Stats> cache;
    BOOST_CHECK(cache.put("a", "refused").error() == std::errc::invalid_argument);
    BOOST_CHECK(cache.get<std::string>("a").miss());
    BOOST_CHECK(cache.put("corrupt", "tpurroc"));
    BOOST_CHECK(cache.put("miss", "ssim"));
    BOOST_CHECK(cache.get<std::string>("corrupt").error() == errc::corrupt);
    BOOST_CHECK(cache.get<std::string>("miss").miss());
    BOOST_CHECK(cache.layer<Stats>().misses() == 2);
    BOOST_CHECK(cache.layer<Stats>().failures() == 2);
}

BOOST_AUTO_TEST_CASE(one_value_that_cannot_be_written_leaves_the_others)
{
    stack<Memory<>>::with<Serialize<Json>> cache;
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    auto const done = cache.put_many(std::vector<std::pair<std::string, double>>{{"a", 1}, {"b", nan}, {"c", 3}});
    BOOST_CHECK(done[0] && done[1].error() == std::errc::invalid_argument && done[2]);
    auto const found = cache.get_many<double>({"a", "b", "c"});
    BOOST_CHECK(found[0].hit() && found[1].miss() && found[2].hit());
}

BOOST_AUTO_TEST_CASE(it_is_seen_and_weighs_nothing)
{
    using plain = stack<Memory<>>;
    using serialized = plain::with<Serialize<Json>>;
    static_assert(serialized::describe() == "Memory | Serialize<Json>");
    static_assert(plain::with<Serialize<Binary>>::with<Stats>::describe() == "Memory | Serialize<Binary> | Stats");
    BOOST_CHECK_EQUAL(sizeof(serialized), sizeof(plain));
}

BOOST_AUTO_TEST_CASE(keys_of_objects_stay)
{
    stack<Memory<int, std::string>>::with<Serialize<Binary>> cache;
    BOOST_CHECK(cache.put(7, point{1, 2}));
    BOOST_CHECK((cache.get<point>(7).value() == point{1, 2}));
}

BOOST_AUTO_TEST_CASE(older_forms_are_migrated)
{
    migrates<Binary>();
    migrates<MsgPack>();
    migrates<Json>();
}
