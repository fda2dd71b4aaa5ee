#define BOOST_TEST_MODULE store_redis_settings
#include <boost/test/unit_test.hpp>

#include <strata/redis.hpp>

#include <functional>
#include <stdexcept>
#include <string>

using namespace strata;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_wrong_setting_is_named)
{
    auto const refused = [](std::string const& begin, std::function<void(Redis&)> spoil) {
        Redis policy;
        spoil(policy);
        BOOST_CHECK_EXCEPTION(stack<Redis>{policy}, std::invalid_argument, [&](std::invalid_argument const& e) {
            bool const named = std::string{e.what()}.starts_with(begin + ": ");
            if (!named) BOOST_TEST_MESSAGE(begin << " expected, got " << e.what());
            return named;
        });
    };
    refused("Redis.host", [](Redis& r) { r.host = ""; });
    refused("Redis.host", [](Redis& r) { r.host = std::string("a\0b", 3); });
    refused("Redis.port", [](Redis& r) { r.port = 0; });
    refused("Redis.path", [](Redis& r) { r.path = std::string(108, 'x'); });
    refused("Redis.path", [](Redis& r) { r.path = std::string("a\0b", 3); });
    refused("Redis.database", [](Redis& r) { r.database = -1; });
    refused("Redis.ttl", [](Redis& r) { r.ttl = 0s; });
    refused("Redis.ttl", [](Redis& r) { r.ttl = lifetime{}; });
    refused("Redis.connect_timeout", [](Redis& r) { r.connect_timeout = 0ms; });
    refused("Redis.timeout", [](Redis& r) { r.timeout = -1ms; });
    refused("Redis.timeout", [](Redis& r) { r.timeout = std::chrono::milliseconds::max(); });
    refused("Redis.connections", [](Redis& r) { r.connections = 0; });
    refused("Redis.connections", [](Redis& r) { r.connections = 100'000; });
    refused("Redis.client_name", [](Redis& r) { r.client_name = "two words"; });
    refused("Redis.client_name", [](Redis& r) { r.client_name = "a\r\nFLUSHALL"; });
    refused("Redis.max_value_bytes", [](Redis& r) { r.max_value_bytes = 0; });
    refused("Redis.min_backoff", [](Redis& r) { r.min_backoff = 0ms; });
    refused("Redis.max_backoff", [](Redis& r) { r.max_backoff = 1ms; });
}

BOOST_AUTO_TEST_CASE(a_refusal_keeps_the_password)
{
    try {
        stack<Redis> cache{Redis{.port = 0, .password = "open sesame"}};
        BOOST_ERROR("port 0 was taken");
    } catch (std::invalid_argument const& e) {
        BOOST_CHECK(std::string{e.what()}.find("sesame") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(construction_needs_no_server)
{
    stack<Redis>::with<Prefix> cache{Redis{.host = "127.0.0.1", .port = 1, .ttl = forever}, Prefix{"p."}};
    BOOST_CHECK(cache.get("key").failed());
    BOOST_CHECK(cache.get("key").error() == errc::unavailable);
    stack<Redis> nowhere{Redis{.path = "/nonexistent/redis.sock"}};
    BOOST_CHECK(nowhere.put("key", "value").error() == errc::unavailable);
    BOOST_CHECK(!nowhere.put("key", "value").error_text().empty());
    stack<Redis> nobody{Redis{.host = "no.such.host.invalid"}};
    auto const found = nobody.get("key");
    BOOST_CHECK(found.error() == errc::unavailable || found.error() == errc::timed_out);
}

static_assert(stack<Redis>::describe() == "Redis");
static_assert(stack<Redis>::concurrent);
