#define BOOST_TEST_MODULE store_memcached_company
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"
#include "../support/peer.hpp"
#include "../support/thread_sanitizer.hpp"

#include <strata/memcached.hpp>

#include <boost/endian/conversion.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;
using detail::memcached::company;
using detail::memcached::crowd;
using detail::memcached::member;
using detail::memcached::place;

namespace {

constexpr int threads = 8;

/// Runs `f(n)` in `threads` threads at once. The tools of Boost.Test are not for threads: `f` counts what it finds.
template <class F> void in_threads(F f)
{
    std::vector<std::thread> all;
    for (int n = 0; n < threads; ++n) all.emplace_back(f, n);
    for (auto& one : all) one.join();
}

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time)
{
    return std::chrono::steady_clock::now() + time;
}

/// The requests without a value that are in `bytes`, each one whole.
std::vector<std::string> requests_in(std::string_view bytes)
{
    std::vector<std::string> found;
    while (bytes.size() >= 24) {
        std::size_t const body = boost::endian::load_big_u32(reinterpret_cast<unsigned char const*>(bytes.data()) + 8);
        found.emplace_back(bytes.substr(0, 24 + body));
        bytes.remove_prefix(std::min(bytes.size(), 24 + body));
    }
    return found;
}

/// What a server answers to such a get: four bytes of flags and `value`.
std::string answer_to(std::string const& request, std::string const& value)
{
    std::string reply(28, '\0');
    reply[0] = '\x81';
    reply[4] = 4;
    boost::endian::store_big_u32(reinterpret_cast<unsigned char*>(reply.data()) + 8,
                                 static_cast<std::uint32_t>(4 + value.size()));
    reply.replace(12, 4, request, 12, 4);
    return reply + value;
}

std::string value_of(std::string const& key) { return "the value of " + key; }

/// A server that takes its time, so that threads meet. What comes as several requests in one piece it leaves to
/// `together`, which says what is to be sent, or nothing: then the connection is closed.
class slow_server {
public:
    using handler = std::function<std::optional<std::string>(std::vector<std::string> const&)>;

    explicit slow_server(handler together)
        : together_{std::move(together)}, peer_{[this](test::peer_connection& client, int) { serve(client); }}
    {
    }

    [[nodiscard]] std::string address() const { return peer_.address(); }
    [[nodiscard]] long pieces() const noexcept { return pieces_; } ///< With several requests.

    static std::string all(std::vector<std::string> const& requests, std::size_t padding = 0)
    {
        std::string replies;
        for (auto const& each : requests) {
            replies += answer_to(each, value_of(each.substr(24)) + std::string(padding, 'p'));
        }
        return replies;
    }

private:
    void serve(test::peer_connection& client)
    {
        for (std::string come = client.read(); !come.empty(); come = client.read()) {
            std::this_thread::sleep_for(1ms);
            auto const requests = requests_in(come);
            std::optional<std::string> const replies = requests.size() > 1 ? together_(requests) : all(requests);
            if (requests.size() > 1) ++pieces_;
            if (!replies || !client.write(*replies)) return;
        }
    }

    handler together_;
    std::atomic<long> pieces_{0};
    test::peer peer_;
};

struct tally {
    std::atomic<long> right{0}, wrong{0}, failed{0};
};

/// All threads get, each another key each time, until `enough`.
template <class Cache, class Enough> void get_all(Cache& cache, tally& count, Enough enough)
{
    auto const end = in(20s);
    in_threads([&](int n) {
        for (int i = 0; !enough() && std::chrono::steady_clock::now() < end; ++i) {
            std::string const key = std::to_string(n) + "." + std::to_string(i);
            auto const found = cache.get(key);
            ++(found.failed() ? count.failed : found && found->starts_with(value_of(key)) ? count.right : count.wrong);
        }
    });
}

} // namespace

BOOST_AUTO_TEST_CASE(the_lead_goes_to_one_who_waits)
{
    company all;
    member first{"first", in(20s)};
    BOOST_REQUIRE(all.join(first) == place::leads);
    member second{"second", in(20s)};
    place found = place::queued;
    std::thread other;
    {
        company::lead const lead{all};
        other = std::thread{[&] { found = all.join(second); }};
    }
    other.join();
    BOOST_CHECK(found == place::leads);
    member third{"third", in(1ms)};
    BOOST_CHECK(all.join(third) == place::queued); // nobody has ended what `second` leads
    {
        company::lead const lead{all};
    }
    BOOST_CHECK(all.join(third) == place::leads);
}

BOOST_AUTO_TEST_CASE(who_goes_along_is_answered_or_left_alone)
{
    company all;
    member first{"first", in(20s)};
    BOOST_REQUIRE(all.join(first) == place::leads);
    place found[2]{};
    std::string value[2];
    std::vector<std::thread> others;
    {
        company::lead lead{all};
        for (int i = 0; i < 2; ++i) {
            others.emplace_back([&, i] {
                member me{i == 0 ? "a" : "b", in(20s)};
                found[i] = all.join(me);
                if (found[i] == place::answered) value[i] = me.kept().value;
            });
        }
        while (lead.size() < 2) lead.gather();
        std::string const key{lead[0].key};
        lead.answer({detail::memcached::opcode::get, detail::memcached::reply_status::done, 0, 0, {}, "of " + key});
    }
    for (auto& one : others) one.join();
    int const answered = found[0] == place::answered ? 0 : 1;
    BOOST_CHECK(found[answered] == place::answered);
    BOOST_CHECK(value[answered] == (answered == 0 ? "of a" : "of b"));
    BOOST_CHECK(found[1 - answered] == place::alone);
}

BOOST_AUTO_TEST_CASE(groups_form_where_many_meet_and_dissolve_where_they_are_small)
{
    crowd some;
    some.see(crowd::fewest - 1);
    BOOST_CHECK(!some.gathers());
    some.see(crowd::fewest);
    BOOST_CHECK(some.gathers());
    for (int i = 0; i < 100; ++i) some.count(4, 4 * 64);
    BOOST_CHECK(some.gathers());
    for (int i = 0; i < 100; ++i) some.count(1, 64);
    BOOST_CHECK(!some.gathers());
    some.see(crowd::fewest);
    some.count(4, 4 * 100'000);
    BOOST_CHECK(!some.gathers());
    some.see(crowd::fewest);
    BOOST_CHECK(!some.gathers()); // not so soon
}

BOOST_AUTO_TEST_CASE(threads_that_meet_go_together)
{
    slow_server const server{[](auto const& requests) { return slow_server::all(requests); }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    tally count;
    get_all(cache, count, [&] { return server.pieces() > 20; });
    BOOST_CHECK(server.pieces() > 20);
    BOOST_CHECK(count.right > 0);
    BOOST_CHECK(count.wrong == 0);
    BOOST_CHECK(count.failed == 0);
}

BOOST_AUTO_TEST_CASE(with_few_connections_too)
{
    slow_server const server{[](auto const& requests) { return slow_server::all(requests); }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s, .connections = 1}};
    tally count;
    get_all(cache, count, [&] { return server.pieces() > 20; });
    BOOST_CHECK(server.pieces() > 20);
    BOOST_CHECK(count.wrong == 0);
    BOOST_CHECK(count.failed == 0);
}

BOOST_AUTO_TEST_CASE(large_values_go_apart)
{
    slow_server const server{[](auto const& requests) { return slow_server::all(requests, 50'000); }};
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    tally count;
    get_all(cache, count, [&] { return count.right > 1000; });
    BOOST_CHECK(server.pieces() > 0);
    BOOST_CHECK(server.pieces() < 100);
    BOOST_CHECK(count.wrong == 0);
    BOOST_CHECK(count.failed == 0);
}

BOOST_AUTO_TEST_CASE(what_fails_together_is_tried_alone)
{
    slow_server::handler const wrong[] = {
        [](auto const&) { return std::nullopt; },
        [](auto const& requests) { return slow_server::all({requests.back(), requests.front()}); },
        [](auto const& requests) { return slow_server::all({requests.front()}) + std::string(100, '\0'); },
        [](auto const& requests) { return slow_server::all(requests) + slow_server::all({requests.front()}); },
    };
    for (auto const& each : wrong) {
        slow_server const server{each};
        stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
        tally count;
        get_all(cache, count, [&] { return server.pieces() > 20; });
        BOOST_CHECK(server.pieces() > 20);
        BOOST_CHECK(count.right > 0);
        BOOST_CHECK(count.wrong == 0);
        BOOST_CHECK(count.failed == 0);
    }
}

BOOST_AUTO_TEST_CASE(each_waits_no_longer_than_its_own_deadline)
{
    slow_server const server{[](auto const&) { return std::string{}; }}; // says nothing
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 200ms, .max_backoff = 10ms}};
    std::atomic<int> late{0};
    std::atomic<int> failed{0};
    auto const end = in(20s);
    in_threads([&](int n) {
        while (failed < 20 && std::chrono::steady_clock::now() < end) {
            auto const begin = std::chrono::steady_clock::now();
            auto const found = cache.get(std::to_string(n));
            failed += found.error() == errc::timed_out;
            late += std::chrono::steady_clock::now() - begin > 10s;
        }
    });
    BOOST_CHECK(failed >= 20);
    BOOST_CHECK(late == 0);
}

BOOST_AUTO_TEST_CASE(they_see_what_was_put)
{
    test::memcached_server server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 300ms, .max_backoff = 10ms}};
    std::atomic<long> wrong{0}, misses{0}, hits{0};
    std::atomic<bool> over{false};
    std::thread disturber{[&] {
        for (int i = 0; i < 3; ++i) {
            std::this_thread::sleep_for(50ms);
            server.stop();
            std::this_thread::sleep_for(350ms);
            server.cont();
        }
        over = true;
    }};
    in_threads([&](int n) {
        std::string const mine = "own" + std::to_string(n);
        for (int i = 0; !over; ++i) {
            std::string const value = mine + "=" + std::to_string(i);
            if (!cache.put(mine, value)) continue; // it may still be done, or not
            for (int again = 0; again < 20; ++again) {
                auto const found = cache.get(mine);
                if (!found.failed() && (found.miss() || *found != value)) ++wrong;
                hits += found.hit();
                auto const none = cache.get("none");
                wrong += none.hit();
                misses += none.miss();
            }
        }
    });
    disturber.join();
    BOOST_CHECK(wrong == 0);
    BOOST_CHECK(hits > 0);
    BOOST_CHECK(misses > 0);
    BOOST_CHECK(test::wait_until([&] { return cache.put("key", "value") && *cache.get("key") == "value"; }));
}

BOOST_AUTO_TEST_CASE(a_child_goes_on_by_itself)
{
    if (test::under_thread_sanitizer) return;
    test::memcached_server const server;
    stack<Memcached> cache{Memcached{.servers = {server.address()}, .timeout = 20s}};
    BOOST_REQUIRE(cache.put("key", "value"));
    std::atomic<bool> over{false};
    std::atomic<int> wrong{0};
    std::thread parent{[&] {
        for (int i = 0; i < 10; ++i) {
            std::this_thread::sleep_for(5ms);
            pid_t const child = ::fork();
            if (child == 0) {
                for (int k = 0; k < 20; ++k) {
                    if (cache.get("key").value_or("") != "value") ::_exit(1);
                }
                ::_exit(0);
            }
            int status = -1;
            if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) ++wrong;
        }
        over = true;
    }};
    in_threads([&](int) {
        while (!over) wrong += cache.get("key").value_or("") != "value";
    });
    parent.join();
    BOOST_CHECK(wrong == 0);
}
