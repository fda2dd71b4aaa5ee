#define BOOST_TEST_MODULE cipher_nonce
#include <boost/test/unit_test.hpp>

#include <strata/cipher/nonce.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

namespace {

using nonce = std::array<std::uint8_t, 12>;

/// The whole of a pipe, until it is closed.
std::vector<std::uint8_t> read_all(int from)
{
    std::vector<std::uint8_t> all;
    std::array<std::uint8_t, 65536> part;
    ssize_t n;
    while ((n = ::read(from, part.data(), part.size())) > 0) all.insert(all.end(), part.begin(), part.begin() + n);
    return all;
}

/// `count` nonces made in a child process, which inherits the buffer in the state that it has.
template <class Fill> std::vector<nonce> made_in_child(std::size_t count, Fill&& fill)
{
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    ::pid_t const child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        std::vector<nonce> made(count);
        for (nonce& n : made) fill(n);
        auto const* at = reinterpret_cast<char const*>(made.data());
        for (std::size_t left = count * sizeof(nonce); left > 0;) {
            ssize_t const n = ::write(ends[1], at, left);
            if (n <= 0) ::_exit(1);
            at += n;
            left -= static_cast<std::size_t>(n);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    auto const all = read_all(ends[0]);
    ::close(ends[0]);
    int state = 0;
    BOOST_REQUIRE(::waitpid(child, &state, 0) == child && state == 0);
    BOOST_REQUIRE_EQUAL(all.size(), count * sizeof(nonce));
    std::vector<nonce> made(count);
    std::copy(all.begin(), all.end(), reinterpret_cast<std::uint8_t*>(made.data()));
    return made;
}

/// 10^6 nonces: some before a fork, then some in the parent and some in two children.
template <class Fill> void no_duplicates(Fill&& fill)
{
    std::vector<nonce> all(250'001);
    for (nonce& n : all) fill(n);
    for (int child = 0; child < 2; ++child) {
        auto const theirs = made_in_child(250'000, fill);
        all.insert(all.end(), theirs.begin(), theirs.end());
    }
    std::vector<nonce> after(250'000);
    for (nonce& n : after) fill(n);
    all.insert(all.end(), after.begin(), after.end());

    std::ranges::sort(all);
    BOOST_CHECK(std::ranges::adjacent_find(all) == all.end());
    BOOST_TEST_MESSAGE(all.size() << " nonces across two forks, all different");
}

} // namespace

BOOST_AUTO_TEST_CASE(of_the_thread)
{
    no_duplicates([](nonce& n) { strata::fill_nonce(n); });
}

BOOST_AUTO_TEST_CASE(by_the_number_of_the_process)
{
    strata::nonce_buffer buffer{strata::nonce_buffer::fork_check::process_id};
    no_duplicates([&](nonce& n) { buffer.fill(n); });
}

BOOST_AUTO_TEST_CASE(by_the_cleared_page)
{
    strata::nonce_buffer buffer;
    no_duplicates([&](nonce& n) { buffer.fill(n); });
}

BOOST_AUTO_TEST_CASE(of_any_length)
{
    strata::nonce_buffer buffer;
    std::vector<std::uint8_t> bytes(10'000);
    buffer.fill(bytes);
    std::array<std::size_t, 256> counts{};
    for (auto const byte : bytes) ++counts[byte];
    BOOST_CHECK_GT(*std::ranges::min_element(counts), 0u);
    BOOST_CHECK_LT(*std::ranges::max_element(counts), 120u);
    buffer.fill({});
}

BOOST_AUTO_TEST_CASE(of_many_threads)
{
    std::vector<std::vector<nonce>> made(8, std::vector<nonce>(20'000));
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&mine] {
            for (nonce& n : mine) strata::fill_nonce(n);
        });
    }
    for (auto& thread : threads) thread.join();
    std::vector<nonce> all;
    for (auto const& part : made) all.insert(all.end(), part.begin(), part.end());
    std::ranges::sort(all);
    BOOST_CHECK(std::ranges::adjacent_find(all) == all.end());
}
