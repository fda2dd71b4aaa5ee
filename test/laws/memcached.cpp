#define BOOST_TEST_MODULE laws_memcached
#include <boost/test/unit_test.hpp>

#include "../support/laws.hpp"
#include "../support/memcached_server.hpp"

#include <strata/encrypt.hpp>
#include <strata/memcached.hpp>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::memcached_server;

namespace {

/// Stacks on servers of their own, whose time passes by itself. Each `fresh()` finds them empty.
template <class Stack, class... Given> class on_memcached : public laws::text_words {
public:
    using stack_type = Stack;

    laws::abilities can{.scope = laws::scoping::unsupported, .exact_time = false};

    on_memcached(std::vector<memcached_server const*> const& servers, Given... given) : given_{std::move(given)...}
    {
        for (auto const* server : servers) addresses_.push_back(server->address());
    }

    [[nodiscard]] Stack fresh()
    {
        stack<Memcached> all{Memcached{.servers = addresses_, .timeout = 20s, .owns_servers = true}};
        BOOST_REQUIRE(all.clear());
        return std::apply(
            [&](auto const&... given) {
                return Stack{Memcached{.servers = addresses_, .timeout = 20s, .connections = 3}, given...};
            },
            given_);
    }

    void elapse(std::chrono::milliseconds) {}

private:
    std::vector<std::string> addresses_;
    std::tuple<Given...> given_;
};

template <class Stack, class... Given>
void obeys(std::vector<memcached_server const*> const& servers, Given... given)
{
    laws::obeys(on_memcached<Stack, Given...>{servers, std::move(given)...});
}

std::vector<std::string> const large_items{"-I", "4m"};

} // namespace

BOOST_AUTO_TEST_CASE(by_port)
{
    memcached_server const server{memcached_server::by::port, large_items};
    obeys<stack<Memcached>>({&server});
}

BOOST_AUTO_TEST_CASE(by_path_with_layers)
{
    memcached_server const server{memcached_server::by::path, large_items};
    obeys<stack<Memcached>::with<FixedPrefix<"f.">>::with<Prefix>::with<Stats>>({&server}, Prefix{"p."});
}

BOOST_AUTO_TEST_CASE(several_servers)
{
    memcached_server const a{memcached_server::by::port, large_items};
    memcached_server const b{memcached_server::by::path, large_items};
    memcached_server const c{memcached_server::by::port, large_items};
    obeys<stack<Memcached>>({&a, &b, &c});
}

BOOST_AUTO_TEST_CASE(encrypted)
{
    memcached_server const server{memcached_server::by::path, large_items};
    obeys<stack<Memcached>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Stats>>(
        {&server}, Encrypt<ChaCha20>{.secret = std::string(32, 's')}, Prefix{"p."});
}
