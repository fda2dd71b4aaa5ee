#define BOOST_TEST_MODULE memoize_memoize
#include <boost/test/unit_test.hpp>

#include "../support/faulty.hpp"
#include "../support/shapes.hpp"

#include <strata/strata.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::string_literals;
using namespace std::chrono_literals;

using Cache = stack<Memory<>>::with<Serialize<Binary>>;

namespace {

int twice(int x) { return 2 * x; }
int thrice(int x) noexcept { return 3 * x; }

class Service {
public:
    explicit Service(std::string name) : name_{std::move(name)} {}

    std::string get_data(int n)
    {
        ++calls;
        return name_ + std::to_string(n);
    }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

    int calls = 0;

private:
    std::string name_;
};

} // namespace

BOOST_AUTO_TEST_CASE(callables_of_all_kinds)
{
    Cache cache;
    int calls = 0;
    auto acme = memoize(cache, "acme.", [&calls](std::string what, int count) -> std::string {
        ++calls;
        std::string made;
        while (count-- > 0) made += what;
        return made;
    });
    BOOST_CHECK(acme("hello", 3) == "hellohellohello");
    BOOST_CHECK(acme("hello", 3) == "hellohellohello");
    BOOST_CHECK(calls == 1);
    BOOST_CHECK(acme.key("hello", 3) == R"(acme.["hello",3])");

    auto counting = memoize(cache, "counting.", [n = 0](int) mutable { return ++n; });
    BOOST_CHECK(counting(1) == 1 && counting(2) == 2 && counting(1) == 1);

    auto none = memoize(cache, "none.", [] { return 7; });
    BOOST_CHECK(none() == 7);
    BOOST_CHECK(none.key() == "none.[]");

    BOOST_CHECK(memoize(cache, "twice.", twice)(4) == 8);
    BOOST_CHECK(memoize(cache, "twice.", &twice)(4) == 8);
    BOOST_CHECK(memoize(cache, "thrice.", thrice)(4) == 12);
    BOOST_CHECK(memoize(cache, "function.", std::function<int(int)>{twice})(5) == 10);
    BOOST_CHECK(memoize<int(int)>(cache, "generic.", [](auto x) { return x + 1; })(5) == 6);

    auto const kept = none;
    BOOST_CHECK(kept() == 7);
}

BOOST_AUTO_TEST_CASE(member_functions)
{
    Cache cache;
    Service service{"s"};
    auto data = memoize(cache, "data.", &Service::get_data, service);
    BOOST_CHECK(data(3) == "s3" && data(3) == "s3");
    BOOST_CHECK(service.calls == 1); // the object itself, no copy
    BOOST_CHECK(data.key(3) == "data.[3]");

    Service* pointer = &service;
    auto by_pointer = memoize(cache, "pointer.", &Service::get_data, pointer);
    pointer = nullptr;
    BOOST_CHECK(by_pointer(4) == "s4");
    BOOST_CHECK(service.calls == 2);

    Service const fixed{"fixed"};
    BOOST_CHECK(memoize(cache, "fixed.", &Service::name, fixed)() == "fixed");
    BOOST_CHECK(memoize(cache, "own.", &Service::get_data, Service{"t"})(5) == "t5");
    BOOST_CHECK(memoize(cache, "shared.", &Service::get_data, std::make_shared<Service>("u"))(6) == "u6");
    BOOST_CHECK(memoize(cache, "unique.", &Service::get_data, std::make_unique<Service>("v"))(7) == "v7");
    BOOST_CHECK(memoize(cache, "ref.", &Service::get_data, std::ref(service))(8) == "s8");
    auto policy = memoize(cache, "policy.", &Service::get_data, service, [](int n) { return n % 10; });
    BOOST_CHECK(policy(1) == "s1" && policy(11) == "s1");
}

BOOST_AUTO_TEST_CASE(results)
{
    Cache cache;
    std::string const text = "text";
    auto by_reference = memoize(cache, "a.", [&text]() -> std::string const& { return text; });
    static_assert(std::same_as<decltype(by_reference()), std::string>);
    static_assert(std::same_as<decltype(by_reference.uncached()), std::string const&>);
    BOOST_CHECK(by_reference() == "text" && by_reference() == "text");

    auto view = memoize(cache, "b.", [](std::string_view of) { return of.substr(1); });
    static_assert(std::same_as<decltype(view("")), std::string>);
    BOOST_CHECK(view("text") == "ext" && view("text") == "ext");

    auto literal = memoize(cache, "c.", [] { return "literal"; });
    BOOST_CHECK(literal() == "literal" && literal() == "literal");

    auto structure = memoize(cache, "d.", [](int x) { return std::optional{shapes::point{x, 2}}; });
    BOOST_CHECK((structure(1) == shapes::point{1, 2} && structure(1) == shapes::point{1, 2}));
}

BOOST_AUTO_TEST_CASE(any_stack_that_can_hold_the_result)
{
    stack<Memory<>> bytes;
    auto text = memoize(bytes, "t.", [](int n) { return std::to_string(n); });
    BOOST_CHECK(text(5) == "5" && text(5) == "5");
    BOOST_CHECK(bytes.get("t.[5]").value() == "5");

    stack<Memory<std::string, long>> longs;
    auto plain = memoize(longs, "p.", [](long n) { return n + 1; });
    BOOST_CHECK(plain(5) == 6 && plain(5) == 6);
    BOOST_CHECK(longs.get("p.[5]").value() == 6);
    auto converted = memoize(longs, "c.", twice); // an int, held as a long
    static_assert(std::same_as<decltype(converted(1)), int>);
    BOOST_CHECK(converted(5) == 10 && converted(5) == 10);
    BOOST_CHECK(longs.get("c.[5]").value() == 10);

    stack<Memory<>>::with<Serialize<Raw>>::with<Prefix>::with<Stats> layered{Prefix{"app."}};
    auto raw = memoize(layered, "r.", [](double x) { return x / 2; });
    BOOST_CHECK(raw(5) == 2.5 && raw(5) == 2.5);
    BOOST_CHECK(layered.layer<Stats>().hits() == 1);

    stack<Null> null;
    int calls = 0;
    auto never = memoize(null, "n.", [&] { return std::to_string(++calls); });
    BOOST_CHECK(never() == "1" && never() == "2");
}

BOOST_AUTO_TEST_CASE(key_policies)
{
    stack<Memory<int, long>> cache;
    auto native = memoize(cache, "", [](int x, int y) { return x * 10L + y; }, [](int x, int) { return x; });
    BOOST_CHECK(native(1, 2) == 12 && native(1, 3) == 12 && native(2, 3) == 23);
    BOOST_CHECK(native.key(2, 3) == 2);
    BOOST_CHECK(native.contains(2, 9) && native.erase(2, 0) && native.contains(2, 3).miss());
    BOOST_CHECK_THROW(static_cast<void>(memoize(cache, "p.", twice, std::identity{})), std::invalid_argument);

    Cache text;
    auto as_text = memoize(text, "t.", twice, [](int x) { return std::to_string(x) + "!"; });
    BOOST_CHECK(as_text(1) == 2 && as_text.key(1) == "t.1!");
    auto as_parts = memoize(text, "p.", twice, [](int x) { return std::tuple{x, "a"}; });
    BOOST_CHECK(as_parts(1) == 2 && as_parts.key(1) == R"(p.[1,"a"])");

    struct opaque {
        int id;
    };
    auto by_id = memoize(text, "id.", [](opaque const& o) { return o.id; }, [](opaque const& o) { return o.id; });
    BOOST_CHECK(by_id(opaque{4}) == 4 && by_id.key(opaque{4}) == "id.4");
}

BOOST_AUTO_TEST_CASE(keys_of_arguments)
{
    Cache cache;
    auto key = [&]<class... A>(A const&... a) {
        return memoize(cache, "", [](A const&...) { return 0; }).key(a...);
    };
    BOOST_CHECK(key("a"s, "bc"s) == R"(["a","bc"])");
    BOOST_CHECK(key("ab"s, "c"s) == R"(["ab","c"])");
    BOOST_CHECK(key(static_cast<char const*>(nullptr), true, 1.5, 'c', nullptr) == R"([null,true,1.5,"c",null])");
    BOOST_CHECK(key(std::vector{1, 2}, std::optional<int>{}, shapes::point{1, 2}) == "[[1,2],null,[1,2]]");
    BOOST_CHECK(key(90s, std::chrono::system_clock::time_point{}, shapes::color::green) == "[90,0,2]");
    BOOST_CHECK(key(std::optional<std::optional<int>>{}) != key(std::optional<std::optional<int>>{std::in_place}));
    BOOST_CHECK(key("\"\\\n\x01"s) == R"(["\"\\\n\u0001"])");
}

BOOST_AUTO_TEST_CASE(an_exception_is_not_kept)
{
    Cache cache;
    int calls = 0;
    auto careful = memoize(cache, "c.", [&](int n) {
        if (++calls == 1) throw std::runtime_error{"first"};
        return n;
    });
    BOOST_CHECK_THROW(careful(3), std::runtime_error);
    BOOST_CHECK(careful.contains(3).miss());
    BOOST_CHECK(careful(3) == 3 && careful(3) == 3);
    BOOST_CHECK(calls == 2);
}

BOOST_AUTO_TEST_CASE(lifetimes)
{
    std::int64_t now = 0;
    stack<Memory<>> cache{Memory<>{.ttl = 10s, .clock = [&] { return now; }}};
    int calls = 0;
    auto usual = memoize(cache, "u.", [&] { return std::to_string(++calls); });
    auto brief = memoize(cache, "b.", [&] { return std::to_string(++calls); }).ttl(2s);
    usual(), brief();
    now = 1'999;
    usual(), brief();
    BOOST_CHECK(calls == 2);
    now = 2'000;
    usual(), brief();
    BOOST_CHECK(calls == 3);
    now = 10'000;
    usual();
    BOOST_CHECK(calls == 4);
    brief.ttl(forever);
    brief();
    now = 1'000'000'000;
    BOOST_CHECK(brief() == "5");
    BOOST_CHECK_THROW(brief.ttl(0s), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_lock_in_the_stack_is_not_held_by_the_function)
{
    stack<Memory<>>::with<Serialize<Binary>>::with<Lock<>> cache;
    std::function<long(int)> again;
    auto down = memoize(cache, "down.", [&again](int n) { return n == 0 ? 0 : n + again(n - 1); });
    again = [&down](int n) { return down(n); };
    BOOST_CHECK(down(50) == 50 * 51 / 2);
    BOOST_CHECK(down.contains(25));
}

BOOST_AUTO_TEST_CASE(a_cache_that_fails_never_fails_the_function)
{
    stack<Memory<>>::with<Serialize<Binary>>::with<Faulty> cache;
    Faults faults = cache.layer<Faulty>().faults();
    int calls = 0;
    auto counted = memoize(cache, "c.", [&](int n) {
        ++calls;
        return n;
    });
    faults.fail(Faults::all);
    BOOST_CHECK(counted(1) == 1 && counted(1) == 1);
    BOOST_CHECK(calls == 2);
    BOOST_CHECK(counted.contains(1).failed());
    BOOST_CHECK(counted.erase(1).failed());
    faults.fail(Faults::put);
    BOOST_CHECK(counted(1) == 1 && counted(1) == 1);
    BOOST_CHECK(calls == 4);
    faults.mend();
    BOOST_CHECK(counted(1) == 1 && counted(1) == 1);
    BOOST_CHECK(calls == 5);
}

BOOST_AUTO_TEST_CASE(what_stands_there_and_is_not_the_result_is_computed_again)
{
    Cache cache;
    auto number = memoize(cache, "n.", [](int n) { return n; });
    BOOST_REQUIRE(cache.put("n.[1]", "text"));
    BOOST_CHECK(number(1) == 1);
    BOOST_CHECK(cache.get<int>("n.[1]").value() == 1);
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_stored_is_returned)
{
    stack<Memory<std::string, std::string>>::with<Serialize<Binary>> cache;
    auto deep = memoize(cache, "d.", [](std::size_t n) { return shapes::deep_tree(n); });
    BOOST_CHECK(deep(100) == shapes::deep_tree(100));
    BOOST_CHECK(deep.contains(100).miss());
}
