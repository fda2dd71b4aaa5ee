#define BOOST_TEST_MODULE core_stack
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <concepts>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using Sessions = stack<Memory<>>::with<Prefix>::with<Stats>;

/// Keeps its settings where a test can read them.
struct Note {
    std::string text = "default";

    template <class Next> struct on {
        explicit on(Note policy) : text{std::move(policy.text)} {}
        void observe(auto, auto const&) {}
        std::string text;
    };
};

/// A setting without a default, and a policy that can only be moved.
struct required_number {
    required_number(int n) : value{n} {}
    int value;
};
struct Demanding {
    required_number number;
    std::unique_ptr<int> owned = nullptr;

    template <class Next> struct on {
        explicit on(Demanding policy) : number{policy.number.value}, owned{std::move(policy.owned)} {}
        void observe(auto, auto const&) {}
        int number;
        std::unique_ptr<int> owned;
    };
};

/// Has neither settings nor state.
template <int> struct Stateless {
    template <class Next> struct on {
        std::string_view key(auto const& key) const
        {
            return key.joined([](std::string_view text) { return text; });
        }
    };
};
struct Watcher {
    template <class Next> struct on {
        void observe(auto, auto const&) {}
    };
};

} // namespace

BOOST_AUTO_TEST_CASE(with_adds_outwards)
{
    static_assert(std::same_as<stack<Memory<>>::with<Prefix>::with<Stats>, stack<Memory<>, Prefix, Stats>>);
    static_assert(!std::same_as<stack<Memory<>, Prefix, Stats>, stack<Memory<>, Stats, Prefix>>);
    static_assert(std::same_as<stack<Memory<>>::with<Prefix>::with<Prefix>, stack<Memory<>, Prefix, Prefix>>);
}

BOOST_AUTO_TEST_CASE(describe_is_a_constant)
{
    static_assert(Sessions::describe() == "Memory | Prefix | Stats");
    static_assert(stack<Null>::describe() == "Null");
    static_assert(stack<Memory<>, FixedPrefix<"a\".">, Lock<>>::describe() == "Memory | FixedPrefix<\"a\".\"> | Lock");
    static_assert(stack<Memory<int, double>, Note>::describe() == "Memory | Note");
    BOOST_TEST(Sessions{}.describe() == Sessions::describe());
}

BOOST_AUTO_TEST_CASE(policies_come_in_any_order)
{
    ManualClock clock;
    Memory<> const memory{.max_entries = 2, .clock = clock};
    auto const check = [](auto&& s, std::string_view prefix) {
        for (auto const key : {"a", "b", "c"}) BOOST_CHECK(s.put(key, key));
        BOOST_TEST(s.size().value() == 2u);
        BOOST_TEST(s.template layer<Prefix>().prefix().view() == prefix);
    };
    check(Sessions{memory, Prefix{"p."}, Stats{}}, "p.");
    check(Sessions{Stats{}, Prefix{"p."}, memory}, "p.");
    check(Sessions{Prefix{"p."}, memory}, "p.");
    check(Sessions{memory}, "");
    Sessions all_defaults;
    BOOST_CHECK(all_defaults.put("k", "v"));
}

BOOST_AUTO_TEST_CASE(the_same_policy_twice_is_taken_innermost_first)
{
    stack<Memory<>>::with<Note>::with<Prefix>::with<Note>::with<Note> s{Note{"inner"}, Prefix{"p."}, Note{"middle"}};
    BOOST_TEST((s.layer<Note, 2>().text == "inner"));
    BOOST_TEST((s.layer<Note, 1>().text == "middle"));
    BOOST_TEST(s.layer<Note>().text == "default");
    stack<Memory<>>::with<Prefix>::with<Prefix> t{Prefix{"in."}, Prefix{"out."}};
    BOOST_TEST((t.layer<Prefix, 0>().prefix().view() == "out."));
    BOOST_TEST((t.layer<Prefix, 1>().prefix().view() == "in."));
}

BOOST_AUTO_TEST_CASE(settings_without_default_and_copy)
{
    stack<Memory<>>::with<Demanding>::with<Stats> s{Demanding{.number = 3, .owned = std::make_unique<int>(4)}};
    BOOST_TEST(s.layer<Demanding>().number == 3);
    BOOST_TEST(*s.layer<Demanding>().owned == 4);
    auto t = std::move(s);
    BOOST_TEST(*t.layer<Demanding>().owned == 4);
}

BOOST_AUTO_TEST_CASE(the_type_is_deduced_from_values)
{
    stack s{Memory<>{}, Prefix{"a."}, Stats{}};
    static_assert(std::same_as<decltype(s), Sessions>);
    stack n{Null{}};
    static_assert(std::same_as<decltype(n), stack<Null>>);
    stack t{Memory<int, std::vector<int>>{}};
    static_assert(std::same_as<decltype(t), stack<Memory<int, std::vector<int>>>>);
    BOOST_CHECK(s.put("k", "v") && t.put(1, std::vector<int>{1, 2}) && n.put("k", "v"));
}

BOOST_AUTO_TEST_CASE(layer_gives_the_runtime_part)
{
    Sessions s;
    static_cast<void>(s.get("k"));
    BOOST_TEST(s.layer<Stats>().misses() == 1u);
    s.layer<Stats>().reset();
    BOOST_TEST(s.layer<Stats>().misses() == 0u);
    BOOST_CHECK(s.layer<Memory<>>().default_lifetime().is_forever());
}

BOOST_AUTO_TEST_CASE(wrong_settings_throw_at_construction)
{
    auto const names_it = [](std::invalid_argument const& e) {
        return std::string{e.what()}.starts_with("Memory.ttl:");
    };
    BOOST_CHECK_EXCEPTION((stack<Memory<>>{Memory<>{.ttl = 0s}}), std::invalid_argument, names_it);
    BOOST_CHECK_EXCEPTION((Sessions{Prefix{"p."}, Memory<>{.ttl = -1s}}), std::invalid_argument, names_it);
}

BOOST_AUTO_TEST_CASE(stacks_move_and_do_not_copy)
{
    static_assert(!std::is_copy_constructible_v<Sessions> && !std::is_copy_assignable_v<Sessions>);
    static_assert(std::is_move_constructible_v<Sessions> && std::is_move_assignable_v<Sessions>);
    static_assert(std::is_default_constructible_v<Sessions>);
    static_assert(!std::is_convertible_v<Memory<>, Sessions>, "a stack is not made by accident");

    using Locked = Sessions::with<Lock<>>;
    Locked s{Prefix{"p."}};
    BOOST_CHECK(s.put("k", "v"));
    Locked t = std::move(s);
    BOOST_TEST(t.get("k").value() == "v");
    BOOST_TEST(t.layer<Stats>().hits() == 1u);
    BOOST_TEST(t.layer<Stats>().puts() == 1u);
    std::vector<Locked> several;
    several.push_back(std::move(t));
    several.emplace_back();
    several.insert(several.begin(), Locked{});
    BOOST_TEST(several[1].get("k").value() == "v");
}

BOOST_AUTO_TEST_CASE(a_layer_without_state_costs_no_byte)
{
    using Bare = stack<Memory<>>;
    static_assert(sizeof(Bare) == sizeof(Memory<>::store));
    static_assert(sizeof(Bare::with<FixedPrefix<"p.">>) == sizeof(Bare));
    using Four = Bare::with<FixedPrefix<"a.">>::with<Stateless<1>>::with<FixedPrefix<"b.">>::with<Stateless<2>>;
    static_assert(sizeof(Four) == sizeof(Bare));
    static_assert(sizeof(stack<Null>) == 1);
    static_assert(sizeof(stack<Null>::with<FixedPrefix<"p.">>) == 1);
    static_assert(sizeof(Bare::with<Watcher>) == sizeof(Bare));
    static_assert(sizeof(Bare::with<Prefix>) == sizeof(Bare) + sizeof(std::string));
}

BOOST_AUTO_TEST_CASE(a_stack_says_whether_threads_may_share_it)
{
    static_assert(!Sessions::concurrent);
    static_assert(Sessions::with<Lock<>>::concurrent);
    static_assert(stack<Memory<>>::with<Lock<>>::with<Prefix>::with<Stats>::concurrent);
    static_assert(stack<Null>::with<Stats>::concurrent);
}

BOOST_AUTO_TEST_CASE(a_store_of_objects_takes_its_own_types)
{
    stack<Memory<int, double>> numbers;
    BOOST_CHECK(numbers.put(1, 2)); // what converts
    BOOST_TEST(*numbers.get(1) == 2.0);
    double out = 0;
    BOOST_CHECK(numbers.get_to(1, out));
    BOOST_TEST(numbers.get_or(2, [] { return 7; }) == 7.0);
    static_assert(std::same_as<decltype(numbers.get_or(2, [] { return 7; })), double>);
    BOOST_TEST(*numbers.get(2) == 7.0);
    BOOST_CHECK(numbers.get_many(std::vector<short>{1, 3, 2})[2].hit());

    stack<Memory<std::pair<int, int>, std::shared_ptr<int>>> shared;
    auto const value = std::make_shared<int>(3);
    BOOST_CHECK(shared.put(std::pair{1, 2}, value));
    BOOST_CHECK(shared.get(std::pair{1, 2}).value() == value);
    BOOST_TEST(value.use_count() == 2);
}

BOOST_AUTO_TEST_CASE(bytes_are_got_as_any_string_of_bytes)
{
    stack<Memory<>> s;
    BOOST_CHECK(s.put("k", std::vector<std::byte>{std::byte{1}, std::byte{0}}));
    BOOST_CHECK((s.get<std::vector<char>>("k").value() == std::vector<char>{1, 0}));
    std::vector<unsigned char> out;
    BOOST_CHECK(s.get_to("k", out));
    BOOST_CHECK((out == std::vector<unsigned char>{1, 0}));
    BOOST_CHECK((s.get_or("l", [] { return std::vector<char>{'x'}; }) == std::vector<char>{'x'}));
    BOOST_TEST(s.get("l").value() == "x");
    BOOST_TEST(s.get_or("m", [] { return std::string_view{"view"}; }) == "view");
    BOOST_TEST(s.get_or("m", [] { return "never"; }) == "view");
}

BOOST_AUTO_TEST_CASE(a_null_pointer_is_a_key_like_in_a_tuple)
{
    stack<Memory<>> s;
    BOOST_CHECK(s.put(nullptr, "v"));
    BOOST_TEST(s.get("null").value() == "v");
}

BOOST_AUTO_TEST_CASE(keys_of_any_range_are_a_batch)
{
    stack<Memory<>> s;
    BOOST_CHECK(s.put(true, "yes") && s.put("a", "text"));
    std::vector<bool> const made_on_the_way{false, true}; // its elements are no references
    auto const found = s.get_many(made_on_the_way);
    BOOST_CHECK(found[0].miss() && found[1].hit());
    std::vector<char const*> const pointers{"b", "a"};
    BOOST_CHECK(s.get_many(pointers)[1].hit());
    std::string_view const views[] = {"a", "b"};
    BOOST_CHECK(s.get_many(views)[0].hit());
    std::set<std::string> const texts{"a", "c"};
    BOOST_TEST(*s.get_many(texts)[0] == "text");
    BOOST_CHECK(s.erase_many(texts)[0].hit());
}
