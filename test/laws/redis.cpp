#define BOOST_TEST_MODULE laws_redis
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/redis.hpp>

#include "../support/laws.hpp"
#include "../support/redis_server.hpp"

#include <string>
#include <tuple>
#include <utility>

using namespace strata;
using namespace std::chrono_literals;
using laws::scoping;

namespace {

enum class by { port, path };

test::redis_server& server()
{
    static test::redis_server instance;
    return instance;
}

/// Stacks on the server, whose time passes by itself. Each `fresh()` finds it empty.
template <class Stack, class... Given> class on_redis : public laws::text_words {
public:
    using stack_type = Stack;

    laws::abilities can;

    on_redis(by way, laws::abilities what, Given... given) : can{what}, way_{way}, given_{std::move(given)...}
    {
        can.exact_time = false;
        can.shortly = 300ms; // long enough for a slow machine to touch an entry before it is gone
    }
    on_redis(on_redis&&) = default;

    [[nodiscard]] Stack fresh()
    {
        BOOST_REQUIRE(server().ask({"FLUSHALL"}) == "OK");
        return make(given_);
    }

    void elapse(std::chrono::milliseconds) {}

protected:
    [[nodiscard]] Stack make(std::tuple<Given...> const& policies) const
    {
        Redis redis{.timeout = 20s, .connections = 3, .owns_database = can.scope == scoping::all};
        if (way_ == by::port) redis.port = server().port();
        if (way_ == by::path) redis.path = server().path();
        return std::apply([&](auto const&... given) { return Stack{redis, given...}; }, policies);
    }

private:
    by way_;
    std::tuple<Given...> given_;
};

/// A subject with a `Prefix`, and so with a neighbour that has another one.
template <class Stack, class... Given> class prefixed_on_redis : public on_redis<Stack, Prefix, Given...> {
public:
    prefixed_on_redis(by way, laws::abilities what, Prefix prefix, Given... given)
        : on_redis<Stack, Prefix, Given...>{way, what, prefix, given...}
        , other_{Prefix{"x" + prefix.prefix}, std::move(given)...}
    {
    }

    [[nodiscard]] Stack neighbour() { return this->make(other_); }

private:
    std::tuple<Prefix, Given...> other_;
};

template <class Stack, class... Given> void obeys(by way, laws::abilities can, Given... given)
{
    laws::obeys(on_redis<Stack, Given...>{way, can, std::move(given)...});
}
template <class Stack, class... Given> void obeys(by way, laws::abilities can, Prefix prefix, Given... given)
{
    laws::obeys(prefixed_on_redis<Stack, Given...>{way, can, std::move(prefix), std::move(given)...});
}

constexpr laws::abilities owner{.scope = scoping::all};
constexpr laws::abilities own{.scope = scoping::own};
constexpr laws::abilities blind{.scope = scoping::unsupported};

std::string const secret(32, 's');

} // namespace

BOOST_AUTO_TEST_CASE(bare) { obeys<stack<Redis>>(by::port, blind); }

BOOST_AUTO_TEST_CASE(owner_of_the_database) { obeys<stack<Redis>::with<Stats>>(by::path, owner); }

BOOST_AUTO_TEST_CASE(prefix) { obeys<stack<Redis>::with<Prefix>>(by::path, own, Prefix{"p."}); }

BOOST_AUTO_TEST_CASE(prefix_of_signs_that_patterns_know)
{
    obeys<stack<Redis>::with<Prefix>::with<Stats>>(by::port, own, Prefix{"*?[a]\\^-\n"});
}

BOOST_AUTO_TEST_CASE(fixed_prefix)
{
    obeys<stack<Redis>::with<FixedPrefix<"a*.">>::with<Stats>::with<FixedPrefix<"b.">>>(by::path, own);
}

BOOST_AUTO_TEST_CASE(lock) { obeys<stack<Redis>::with<Lock<>>::with<Prefix>>(by::path, own, Prefix{"p."}); }

BOOST_AUTO_TEST_CASE(faulty) { obeys<stack<Redis>::with<Faulty>::with<Prefix>>(by::path, own, Prefix{"p."}); }

BOOST_AUTO_TEST_CASE(the_stack_of_the_readme)
{
    obeys<stack<Redis>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Stats>>(
        by::path, blind, Prefix{"session."}, Encrypt<ChaCha20>{.secret = secret});
}

BOOST_AUTO_TEST_CASE(prefix_beneath_the_hash_of_keys)
{
    obeys<stack<Redis>::with<Prefix>::with<Encrypt<Aes256>>>(by::path, own, Prefix{"p."},
                                                             Encrypt<Aes256>{.secret = secret});
}

BOOST_AUTO_TEST_CASE(json)
{
    laws::abilities can = own;
    can.any_bytes = false;
    obeys<stack<Redis>::with<Prefix>::with<Serialize<Json>>>(by::path, can, Prefix{"p."});
}

BOOST_AUTO_TEST_CASE(binary_over_encrypt)
{
    obeys<stack<Redis>::with<Prefix>::with<Encrypt<ChaCha20>>::with<Serialize<Binary>>::with<Stats>>(
        by::path, own, Prefix{"p."}, Encrypt<ChaCha20>{.secret = secret});
}

BOOST_AUTO_TEST_CASE(raw) { obeys<stack<Redis>::with<Serialize<Raw>>::with<Prefix>>(by::port, own, Prefix{"p."}); }
