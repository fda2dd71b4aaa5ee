#define BOOST_TEST_MODULE store_redis_tls
#include <boost/test/unit_test.hpp>

#include <strata/redis.hpp>

#if STRATA_REDIS_TLS

#include "../support/redis_server.hpp"

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// Makes an authority and a certificate for 127.0.0.1 and "localhost".
struct certificates {
    test::temporary_directory directory;
    std::string authority = directory / "ca.pem";
    std::string certificate = directory / "server.pem";
    std::string key = directory / "server.key";

    certificates()
    {
        std::string const in = "cd " + directory.path() + " && ";
        std::string const quiet = " 2>/dev/null";
        BOOST_REQUIRE(std::system((in + "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 "
                                        "-subj /CN=authority" + quiet).c_str()) == 0);
        BOOST_REQUIRE(std::system((in + "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr "
                                        "-subj /CN=server" + quiet).c_str()) == 0);
        BOOST_REQUIRE(std::system((in + "echo subjectAltName=IP:127.0.0.1,DNS:localhost > names && openssl x509 -req "
                                        "-in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
                                        "-extfile names -out server.pem" + quiet).c_str()) == 0);
    }
};

struct tls_server {
    certificates files;
    std::uint16_t port = test::free_port();
    test::redis_server server{{"--tls-port", std::to_string(port), "--tls-cert-file", files.certificate,
                               "--tls-key-file", files.key, "--tls-ca-cert-file", files.authority,
                               "--tls-auth-clients", "optional"}};

    [[nodiscard]] Redis policy() const
    {
        return {.port = port, .timeout = 20s, .tls = {.enabled = true, .ca_file = files.authority}};
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(values_of_any_length_pass)
{
    tls_server tls;
    stack<Redis> cache{tls.policy()};
    for (std::size_t const length : {0u, 1u, 100u, 16'383u, 16'384u, 100'000u, 5'000'000u}) {
        std::string const value(length, 'v');
        BOOST_REQUIRE(cache.put(length, value));
        BOOST_CHECK(cache.get(length).value() == value);
    }
    BOOST_CHECK(tls.server.ask({"GET", "100"}) == std::string(100, 'v'));
    std::vector<std::string> const keys{"0", "100000", "none", "1"};
    auto const many = cache.get_many(keys);
    BOOST_CHECK(many[0].value().empty() && many[1].value().size() == 100'000 && many[2].miss() && many[3].hit());
}

BOOST_AUTO_TEST_CASE(threads_share_encrypted_connections)
{
    tls_server tls;
    stack<Redis> cache{tls.policy()};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 6; ++n) {
        threads.emplace_back([&, n] {
            for (int i = 0; i < 100; ++i) {
                std::string const value = std::to_string(n) + ":" + std::to_string(i);
                if (!cache.put(n, value) || cache.get(n).value_or("") != value) ++wrong;
            }
        });
    }
    for (auto& one : threads) one.join();
    BOOST_CHECK(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_known_is_refused)
{
    tls_server tls;
    certificates others;
    auto const refused = [](Redis policy) {
        stack<Redis> cache{policy};
        auto const found = cache.get("key");
        return found.error() == errc::unavailable && found.error_text().starts_with("TLS");
    };
    BOOST_CHECK(refused({.port = tls.port, .tls = {.enabled = true, .ca_file = others.authority}}));
    BOOST_CHECK(refused({.port = tls.port, .tls = {.enabled = true}}));
    BOOST_CHECK(refused(
        {.port = tls.port, .tls = {.enabled = true, .ca_file = tls.files.authority, .server_name = "elsewhere"}}));
    stack<Redis> named{Redis{
        .port = tls.port, .tls = {.enabled = true, .ca_file = tls.files.authority, .server_name = "localhost"}}};
    BOOST_CHECK(named.get("key").miss());
}

BOOST_AUTO_TEST_CASE(faults_are_failures)
{
    tls_server tls;
    stack<Redis> cache{Redis{.port = tls.port,
                             .connect_timeout = 300ms,
                             .timeout = 300ms,
                             .tls = {.enabled = true, .ca_file = tls.files.authority},
                             .max_backoff = 20ms}};
    BOOST_REQUIRE(test::wait_until([&] { return bool{cache.put("key", "value")}; }));
    tls.server.stop();
    BOOST_CHECK(cache.get("key").error() == errc::timed_out);
    tls.server.cont();
    BOOST_CHECK(test::wait_until([&] { return cache.get("key").hit(); }));
    tls.server.kill();
    for (int i = 0; i < 10; ++i) BOOST_CHECK(cache.put("key", std::string(1 << 20, 'x')).error() == errc::unavailable);
    tls.server.restart();
    BOOST_CHECK(test::wait_until([&] { return cache.get("key").miss(); }));
    // to a server without TLS
    stack<Redis> plain{Redis{.port = tls.server.port(),
                             .connect_timeout = 300ms,
                             .timeout = 300ms,
                             .tls = {.enabled = true, .ca_file = tls.files.authority}}};
    BOOST_CHECK(plain.get("key").failed());
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_used_are_named)
{
    BOOST_CHECK_THROW(stack<Redis>(Redis{.tls = {.enabled = true, .ca_file = "/nonexistent"}}), std::invalid_argument);
    BOOST_CHECK_THROW(stack<Redis>(Redis{.tls = {.enabled = true, .certificate = "/etc/passwd"}}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(stack<Redis>(Redis{.path = "/tmp/x", .tls = {.enabled = true}}), std::invalid_argument);
}

#else

template <class Policy>
concept has_tls = requires(Policy policy) { policy.tls; };

/// Without OpenSSL there is no setting that would promise what is not there.
BOOST_AUTO_TEST_CASE(there_is_no_tls_setting) { BOOST_CHECK(!has_tls<strata::Redis>); }

#endif
