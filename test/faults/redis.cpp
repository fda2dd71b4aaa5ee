#define BOOST_TEST_MODULE faults_redis
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/redis.hpp>

#include "../support/fault_trials.hpp"
#include "../support/redis_server.hpp"

#include <random>
#include <string>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using test::direction;
using test::fault;

namespace {

/// A server, a proxy before it, and a stack on each.
struct bench {
    std::chrono::milliseconds deadline{200};

    using stack_type = stack<Redis>::with<Prefix>::with<Stats>;

    test::redis_server server{};
    test::fault_proxy proxy{server.port()};
    stack_type s{Redis{.port = proxy.port(),
                       .connect_timeout = deadline,
                       .timeout = deadline,
                       .connections = 2,
                       .min_backoff = 1ms,
                       .max_backoff = 20ms},
                 Prefix{"p."}};
    stack_type direct{Redis{.path = server.path(), .timeout = 20s}, Prefix{"p."}};
    test::fault_trials<stack_type, stack_type> trials{proxy, s, direct, deadline};
};

} // namespace

BOOST_AUTO_TEST_CASE(no_fault_at_all)
{
    bench on{20s};
    BOOST_TEST(on.trials.run("none", direction::to_client, {}) == 0u);
}

BOOST_AUTO_TEST_CASE(slow_connections)
{
    bench on;
    test::slow_connections(on.trials);
}

BOOST_AUTO_TEST_CASE(cut_connections)
{
    bench on;
    test::cut_connections(on.trials, 40, 20);
}

BOOST_AUTO_TEST_CASE(silence)
{
    bench on;
    test::silent_connections(on.trials);
}

BOOST_AUTO_TEST_CASE(garbage)
{
    bench on;
    // No beginning of a reply to anything that was asked. What looks like a value is another test's matter.
    std::vector<std::string> const all{"\r\n",
                                       "garbage\r\n",
                                       "$-7\r\n",
                                       "$99999999999999999999\r\n",
                                       "$1000000000\r\n",
                                       "*-3\r\n",
                                       "*1000000000\r\n",
                                       ":\r\n",
                                       "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
                                       std::string(6, '\0') + "\r\n",
                                       std::string(100'000, 'x')};
    for (auto const& bytes : all) {
        on.trials.run("garbage before a reply", direction::to_client, {.what = fault::garbage, .bytes = bytes});
    }
    std::minstd_rand random{3};
    for (int round = 0; round < 8; ++round) {
        std::string bytes(20, '\0');
        for (char& c : bytes) c = static_cast<char>(128 + random() % 128); // no letter of the protocol
        on.trials.run("random bytes before a reply", direction::to_client, {.what = fault::garbage, .bytes = bytes});
    }
}

BOOST_AUTO_TEST_CASE(a_forged_reply_does_not_pass_encrypt)
{
    test::redis_server const server;
    test::fault_proxy proxy{server.port()};
    Redis const redis{.port = proxy.port(), .timeout = 20s, .min_backoff = 1ms};
    std::string const forged = "$5\r\nwrong\r\n";

    stack<Redis> bare{redis};
    BOOST_REQUIRE(bare.put("k", "right"));
    proxy.inject(direction::to_client, {.what = fault::garbage, .bytes = forged});
    BOOST_TEST(bare.get("k").value() == "wrong"); // it looks like any other: this is what Encrypt is for
    proxy.mend();
    BOOST_TEST(bare.get("k").value() == "right"); // and the reply that was too many went with its connection

    stack<Redis>::with<Encrypt<ChaCha20>> sealed{redis, Encrypt<ChaCha20>{.secret = std::string(32, 's')}};
    BOOST_REQUIRE(sealed.put("k", "right"));
    proxy.inject(direction::to_client, {.what = fault::garbage, .bytes = forged});
    BOOST_CHECK(sealed.get("k").error() == errc::corrupt);
    proxy.mend();
    BOOST_TEST(sealed.get("k").value() == "right");
}
