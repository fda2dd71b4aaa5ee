#define BOOST_TEST_MODULE faults_memcached
#include <boost/test/unit_test.hpp>

#include <strata/memcached.hpp>

#include "../support/fault_trials.hpp"
#include "../support/memcached_server.hpp"

#include <random>
#include <string>

using namespace strata;
using namespace std::chrono_literals;
using test::direction;
using test::fault;
using kind = test::fault::kind;

namespace {

/// A server, a proxy before it, and a stack on each.
struct bench {
    std::chrono::milliseconds deadline{200};

    using stack_type = stack<Memcached>::with<Prefix>::with<Stats>;

    test::memcached_server server{};
    test::fault_proxy proxy{server.port()};
    stack_type s{Memcached{.servers = {"127.0.0.1:" + std::to_string(proxy.port())},
                           .connect_timeout = deadline,
                           .timeout = deadline,
                           .connections = 2,
                           .min_backoff = 1ms,
                           .max_backoff = 4ms},
                 Prefix{"p."}};
    stack_type direct{Memcached{.servers = {server.address()}, .timeout = 20s}, Prefix{"p."}};
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
    test::cut_connections(on.trials, 60, 40);
}

BOOST_AUTO_TEST_CASE(silence)
{
    bench on;
    test::silent_connections(on.trials);
}

BOOST_AUTO_TEST_CASE(garbage)
{
    bench on;
    // A reply begins with 0x81, tells its lengths, and has the number of its request.
    std::string const wrong_lengths{"\x81\0\0\x40\x04\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0", 24};
    std::string const too_long{"\x81\0\0\0\x04\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", 24};
    std::string const of_nobody{"\x81\0\0\0\x04\0\0\0\0\0\0\x04\x7f\x7f\x7f\x7f\0\0\0\0\0\0\0\0\0\0\0\0", 28};
    std::string const version{"\x81\x0b\0\0\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0", 24};
    for (std::string const& bytes : {std::string{"\r\n"}, std::string(1, '\x80'),
                                     std::string(100, '\0'), std::string(100'000, 'x'), wrong_lengths, too_long,
                                     of_nobody, version + std::string(64, '1'),
                                     std::string{"VALUE p.none 0 5\r\nwrong\r\n"},
                                     std::string{"VALUE p.a 0 4294967295\r\n"}, std::string{"STORED\r\n"}}) {
        on.trials.run("garbage before a reply", direction::to_client, {.what = kind::garbage, .bytes = bytes});
    }
    std::minstd_rand random{3};
    for (int round = 0; round < 8; ++round) {
        std::string bytes(30, '\0');
        for (char& c : bytes) c = static_cast<char>(random() % 256);
        if (bytes[0] == '\x81') bytes[0] = 0;
        on.trials.run("random bytes before a reply", direction::to_client, {.what = kind::garbage, .bytes = bytes});
    }
}

BOOST_AUTO_TEST_CASE(an_error_before_a_reply)
{
    bench on; // after the first it asks in binary alone
    on.trials.run("garbage before a reply", direction::to_client, {.what = kind::garbage, .bytes = "ERROR\r\n"});
}
