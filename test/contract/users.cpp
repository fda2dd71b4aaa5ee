#define BOOST_TEST_MODULE contract_users
#include <boost/test/unit_test.hpp>

#include "support/redis_server.hpp"

#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/memcached.hpp>
#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include <map>
#include <string>
#include <tuple>

// What users write, as they write it.

using namespace strata;
using namespace std::chrono_literals;

namespace {

std::string const secret = "sixteen bytes or more";

stack<Memory<>>::with<Serialize<Json>>::with<Coalesce> cache;

int computed = 0;

STRATA_MEMOIZE(cache, long, fib, (int n))
{
    ++computed;
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

struct Service {
    std::map<int, std::string> data{{1, "one"}};
    std::string get_data(int id) { return data.at(id); }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_stack_is_a_type_and_a_policy_a_value)
{
    test::redis_server server;
    using Sessions = stack<Redis>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Stats>;

    Sessions sessions{Redis{.host = "127.0.0.1", .port = server.port(), .ttl = 10min},
                      Encrypt<ChaCha20>{.secret = secret},
                      Prefix{"session."}};

    sessions.put("alice", "token");
    std::string used;
    if (auto found = sessions.get("alice")) used = *found;
    BOOST_TEST(used == "token");
    double rate = sessions.layer<Stats>().hit_rate();
    BOOST_TEST(rate == 1.0);

    static_assert(std::same_as<Sessions, stack<Redis, Encrypt<ChaCha20>, Prefix, Stats>>);
    static_assert(Sessions::describe() == "Redis | Encrypt<ChaCha20> | Prefix | Stats");
    static_assert(!std::copy_constructible<Sessions> && std::movable<Sessions>);
}

BOOST_AUTO_TEST_CASE(the_type_follows_from_the_values)
{
    stack s{Redis{}, Prefix{"a."}, Stats{}};
    static_assert(std::same_as<decltype(s), stack<Redis, Prefix, Stats>>);
    stack m{Memcached{.servers = {"127.0.0.1:1"}, .ttl = forever}, FixedPrefix<"p.">{}};
    static_assert(decltype(m)::describe() == "Memcached | FixedPrefix<\"p.\">");
}

BOOST_AUTO_TEST_CASE(two_of_one_policy_take_their_values_innermost_first)
{
    stack<Memory<>>::with<Prefix>::with<Stats>::with<Prefix> s{Prefix{"inner."}, Prefix{"outer."}};
    s.put("k", "v");
    std::string stored;
    s.layer<Memory<>>().for_each([&](std::string_view key, std::string_view) { stored = key; });
    BOOST_TEST(stored == "inner.outer.k");
    BOOST_TEST((s.layer<Prefix, 1>().prefix().view() == "inner."));
}

BOOST_AUTO_TEST_CASE(functions_are_memoized)
{
    BOOST_TEST(fib(90) == 2880067194370816120L);
    BOOST_TEST(computed == 91);
    BOOST_TEST(fib.contains(90).hit());
    BOOST_TEST(fib.key(90) == "fib.[90]");
    BOOST_TEST(fib.erase(90).hit());
    BOOST_TEST(fib.uncached(90) == 2880067194370816120L);
    BOOST_TEST(fib.contains(90).miss());

    auto acme = memoize(cache, "acme.", [](std::string what, int count) -> std::string {
        std::string all;
        while (count-- > 0) all += what;
        return all;
    });
    BOOST_TEST(acme("hello", 3) == "hellohellohello");
    BOOST_TEST(acme.key("hello", 3) == "acme.[\"hello\",3]");

    Service service;
    auto data = memoize(cache, "data.", &Service::get_data, service);
    BOOST_TEST(data(1) == "one");
    service.data[1] = "changed";
    BOOST_TEST(data(1) == "one");
    BOOST_CHECK_THROW(data(2), std::out_of_range);
    BOOST_TEST(data.contains(2).miss());
}

BOOST_AUTO_TEST_CASE(keys_and_lifetimes_are_what_the_caller_has)
{
    stack<Memory<>> s;
    s.put(std::tuple{"a", "bc"}, "1");
    BOOST_TEST(s.get(std::tuple{"ab", "c"}).miss());
    BOOST_TEST((s.put("k", "v", 0s).error() == std::errc::invalid_argument));
    BOOST_TEST((s.touch("k", -1s).error() == std::errc::invalid_argument));
    BOOST_TEST(bool(s.put("k", "v", forever)));
    BOOST_TEST((s.add("k", "w").error() == errc::exists));
    BOOST_CHECK_THROW(static_cast<void>(s.get("none").value()), missing);
    BOOST_TEST(s.get_or("made", [] { return "here"; }) == "here");

    stack<Memory<int, double>> objects;
    objects.put(7, 2.5);
    BOOST_TEST(objects.get(7).value() == 2.5);
}
