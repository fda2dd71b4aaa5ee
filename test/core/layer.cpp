#define BOOST_TEST_MODULE core_layer
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// Changes keys, in a few lines that say just that.
struct Shout {
    template <class Next> struct on {
        std::string key(auto const& key) const
        {
            std::string upper(key.size(), '\0');
            key.copy_to(upper.data());
            for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
            return upper;
        }
    };
};

/// Changes values; what does not end in "!" below it is not its own.
struct Bang {
    template <class Next> struct on {
        status encode(std::string_view in, std::string& out) const
        {
            if (in == "unspeakable") return errc::too_large;
            out.append(in).append("!");
            return {};
        }
        lookup<void> decode(std::string_view in, std::string& out) const
        {
            if (in == "stale!") return miss;
            if (!in.ends_with('!')) return errc::corrupt;
            out.append(in.substr(0, in.size() - 1));
            return hit;
        }
    };
};

/// Binds values to their key and writes down the lifetime, with a buffer of its own kind.
struct Tag {
    template <class Next> struct on {
        using buffer = std::vector<char>;

        std::string key(auto const& key) const
        {
            return key.joined([](std::string_view text) { return "<" + std::string{text} + ">"; });
        }
        status seal(std::string const& key, lifetime ttl, std::string_view in, buffer& out) const
        {
            std::string const text =
                key + (ttl.is_forever() ? "forever" : std::to_string(ttl.count())) + ":" + std::string{in};
            out.insert(out.end(), text.begin(), text.end());
            return {};
        }
        lookup<void> open(std::string const& key, std::string_view in, buffer& out) const
        {
            if (!in.starts_with(key)) return errc::corrupt;
            auto const value = in.substr(in.find(':') + 1);
            out.insert(out.end(), value.begin(), value.end());
            return hit;
        }
    };
};

/// Watches, and writes what it sees into a list that the test holds.
struct Watch {
    std::shared_ptr<std::vector<std::string>> seen;

    template <class Next> struct on {
        explicit on(Watch policy) : seen{std::move(policy.seen)} {}

        void observe(auto operation, auto const& outcome)
        {
            seen->push_back(name(operation) + what(outcome));
        }

        static std::string name(auto operation) { return std::string{name_of<decltype(operation)>().view()}; }
        static std::string what(hit_t) { return " hit"; }
        static std::string what(miss_t) { return " miss"; }
        static std::string what(failure const& reason) { return " " + reason.code().message(); }

        std::shared_ptr<std::vector<std::string>> seen;
    };
};

/// Counts the requests that reach what is beneath it.
struct Count {
    std::shared_ptr<int> requests;

    template <class Next> struct on {
        static constexpr bool takes_over = true;

        explicit on(Count policy) : requests{std::move(policy.requests)} {}

        void run(auto const& r, Next& next)
        {
            ++*requests;
            next.run(r);
        }

        std::shared_ptr<int> requests;
    };
};

/// Takes one operation over and leaves the others to its hooks.
struct ReadOnly {
    template <class Next> struct on {
        static constexpr bool takes_over = true;

        void run(asks<op::put> auto const& r, Next&) { fail_all(r, errc::unsupported); }
    };
};

/// Shows the test the values as they are beneath.
struct Peek {
    std::shared_ptr<std::vector<std::string>> seen;

    template <class Next> struct on {
        explicit on(Peek policy) : seen{std::move(policy.seen)} {}
        status encode(std::string_view in, std::string& out) const
        {
            seen->emplace_back(in);
            out.append(in);
            return {};
        }
        lookup<void> decode(std::string_view in, std::string& out) const
        {
            out.append(in);
            return hit;
        }
        std::shared_ptr<std::vector<std::string>> seen;
    };
};

/// Throws at one value.
struct Throw {
    template <class Next> struct on {
        status encode(std::string_view in, std::string& out) const
        {
            if (in == "bad") throw 7;
            out.append(in);
            return {};
        }
        lookup<void> decode(std::string_view in, std::string& out) const
        {
            out.append(in);
            return hit;
        }
    };
};

std::string stored(auto& s, std::string_view key)
{
    auto const found = s.get(key);
    return found ? *found : std::string{"(none)"};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_core_sees_what_a_layer_does)
{
    using next = detail::bottom<Memory<>>;
    static_assert(rekeys<Shout::on<next>> && !prefixes<Shout::on<next>> && !changes<Shout::on<next>, aspect::value>);
    static_assert(changes<Bang::on<next>, aspect::value> && !changes<Bang::on<next>, aspect::key>);
    static_assert(seals<Tag::on<next>> && opens<Tag::on<next>> && changes<Tag::on<next>, aspect::lifetime>);
    static_assert(observes<Watch::on<next>> && !observes<Bang::on<next>>);
    static_assert(prefixes<Prefix::on<next>> && prefixes<FixedPrefix<"p">::on<next>>);
    static_assert(lets_pass<Bang::on<next>, op::touch>);
    static_assert(!lets_pass<Tag::on<next>, op::touch>, "a sealed lifetime cannot be changed without the value");
}

BOOST_AUTO_TEST_CASE(a_layer_of_keys)
{
    stack<Memory<>>::with<Shout>::with<Prefix> s{Prefix{"p."}};
    BOOST_CHECK(s.put("key", "value"));
    BOOST_CHECK(s.get("KEY").hit());
    auto const many = s.get_many({"kEy", "other", "KeY"});
    BOOST_CHECK(many[0].hit() && many[1].miss() && many[2].hit());
    BOOST_CHECK(s.erase("Key").hit());
}

BOOST_AUTO_TEST_CASE(a_layer_of_values_fails_and_misses_for_its_own_key_alone)
{
    stack<Memory<>>::with<Bang> s;
    BOOST_CHECK(s.put("a", "value"));
    BOOST_TEST(stored(s, "a") == "value");
    BOOST_CHECK(s.put("b", "unspeakable").error() == errc::too_large);
    BOOST_CHECK(s.contains("b").miss());
    BOOST_CHECK(s.put("c", "stale"));
    BOOST_CHECK(s.contains("c").hit());
    BOOST_CHECK(s.get("c").miss());
    auto const done = s.put_many({{"x", "1"}, {"y", "unspeakable"}, {"z", "3"}});
    BOOST_CHECK(done[0] && done[1].error() == errc::too_large && done[2]);
    auto const found = s.get_many({"z", "c", "y", "x"});
    BOOST_CHECK(*found[0] == "3" && found[1].miss() && found[2].miss() && *found[3] == "1");
}

BOOST_AUTO_TEST_CASE(layers_of_values_nest)
{
    stack<Memory<>>::with<Bang>::with<Bang>::with<Bang> s;
    BOOST_CHECK(s.put("k", "v"));
    BOOST_TEST(stored(s, "k") == "v");
    BOOST_CHECK(s.add("l", "w"));
    BOOST_TEST(stored(s, "l") == "w");
}

BOOST_AUTO_TEST_CASE(a_sealing_layer_gets_key_and_lifetime)
{
    auto const seen = std::make_shared<std::vector<std::string>>();
    stack<Memory<>>::with<Peek>::with<Tag>::with<Prefix> s{Prefix{"p."}, Peek{seen}, Memory<>{.ttl = 3s}};
    BOOST_CHECK(s.put("a", "1"));
    BOOST_CHECK(s.put("b", "2", 5s));
    BOOST_CHECK(s.add("c", "3", forever));
    BOOST_CHECK((*seen == std::vector<std::string>{"<p.a>3000:1", "<p.b>5000:2", "<p.c>forever:3"}));
    BOOST_TEST(stored(s, "b") == "2");
    auto const found = s.get_many({"c", "none", "a"});
    BOOST_CHECK(*found[0] == "3" && found[1].miss() && *found[2] == "1");
}

BOOST_AUTO_TEST_CASE(a_watching_layer_sees_each_outcome_once)
{
    auto const seen = std::make_shared<std::vector<std::string>>();
    stack<Memory<>>::with<Bang>::with<Watch> s{Watch{seen}};
    auto const expect = [&](std::vector<std::string> const& lines) {
        BOOST_TEST(*seen == lines, boost::test_tools::per_element());
        seen->clear();
    };
    static_cast<void>(s.put("a", "1"));
    static_cast<void>(s.put("a", "unspeakable"));
    expect({"put hit", "put the value is too large for the store"});
    static_cast<void>(s.get_many({"a", "b"}));
    expect({"get hit", "get miss"});
    static_cast<void>(s.add("a", "1"));
    static_cast<void>(s.erase("a"));
    static_cast<void>(s.erase("a"));
    static_cast<void>(s.contains("a"));
    static_cast<void>(s.touch("a", 1s));
    static_cast<void>(s.clear());
    static_cast<void>(s.size());
    expect({"add there is an entry under this key already", "erase hit", "erase miss", "contains miss", "touch miss",
            "clear hit", "size hit"});
}

BOOST_AUTO_TEST_CASE(a_batch_is_one_request_all_the_way_down)
{
    auto const requests = std::make_shared<int>(0);
    stack<Memory<>>::with<Count>::with<Bang>::with<Shout>::with<Prefix>::with<Stats> s{Count{requests}, Prefix{"p."}};
    static_cast<void>(s.put_many({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    BOOST_TEST(*requests == 1);
    static_cast<void>(s.get_many({"a", "b", "c", "d"}));
    BOOST_TEST(*requests == 2);
    static_cast<void>(s.erase_many({"a", "b", "c", "d"}));
    BOOST_TEST(*requests == 3);
}

BOOST_AUTO_TEST_CASE(a_layer_takes_over_what_it_says)
{
    stack<Memory<>>::with<ReadOnly> s;
    BOOST_CHECK(s.put("k", "v").error() == errc::unsupported);
    BOOST_CHECK(s.add("k", "v"));
    BOOST_TEST(stored(s, "k") == "v");
    for (auto const& done : s.put_many({{"a", "1"}, {"b", "2"}})) BOOST_CHECK(done.error() == errc::unsupported);
}

BOOST_AUTO_TEST_CASE(what_a_layer_throws_reaches_the_caller)
{
    stack<Memory<>>::with<Throw>::with<Bang> s;
    BOOST_CHECK(s.put("k", "good"));
    stack<Memory<>>::with<Bang>::with<Throw>::with<Lock<>> t;
    BOOST_CHECK_THROW(static_cast<void>(t.put("k", "bad")), int);
    BOOST_CHECK(t.get("k").miss());
    BOOST_CHECK(t.put("k", "good")); // the lock was given back
    BOOST_TEST(stored(t, "k") == "good");
}
