#define BOOST_TEST_MODULE store_resolve
#include <boost/test/unit_test.hpp>

#include <strata/store/detail/resolve.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

namespace {

strata::status look_up(std::string const& host, std::chrono::milliseconds limit = 20s)
{
    strata::detail::address_list found;
    strata::status const done = strata::detail::resolve(host, 80, std::chrono::steady_clock::now() + limit, found);
    BOOST_CHECK((found != nullptr) == static_cast<bool>(done));
    return done;
}

} // namespace

BOOST_AUTO_TEST_CASE(names_and_addresses)
{
    BOOST_CHECK(look_up("127.0.0.1"));
    BOOST_CHECK(look_up("::1"));
    BOOST_CHECK(look_up("127.0.0.1", 0ms)); // needs no time
    BOOST_CHECK(look_up("localhost"));
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_told_in_the_systems_words)
{
    auto const done = look_up("no name");
    BOOST_CHECK(done.error() == strata::errc::unavailable);
    BOOST_CHECK(!done.error_text().empty());
}

/// Whatever threads the parent had for it, a child has none of them.
BOOST_AUTO_TEST_CASE(a_child_looks_up_for_itself)
{
    for (int round = 0; round < 5; ++round) {
        BOOST_REQUIRE(look_up("localhost"));
        ::pid_t const child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            ::alarm(60);
            ::_exit(look_up("localhost", 10s) ? 0 : 1);
        }
        int state = 0;
        BOOST_REQUIRE(::waitpid(child, &state, 0) == child);
        BOOST_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    }
}
