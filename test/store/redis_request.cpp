#define BOOST_TEST_MODULE store_redis_request
#include <boost/test/unit_test.hpp>

#include <strata/store/detail/redis_request.hpp>

#include <hiredis/hiredis.h>

#include <string>
#include <string_view>
#include <vector>

// What is composed must be, byte for byte, what hiredis itself makes of the same arguments.

namespace redis = strata::detail::redis;

namespace {

std::string formatted(std::vector<std::string> const& words)
{
    std::vector<char const*> texts;
    std::vector<std::size_t> sizes;
    for (std::string const& word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* command = nullptr;
    auto const length = // an int, or a long long from hiredis 1 on
        redisFormatCommandArgv(&command, static_cast<int>(texts.size()), texts.data(), sizes.data());
    BOOST_REQUIRE(length > 0);
    std::string const result(command, static_cast<std::size_t>(length));
    redisFreeCommand(command);
    return result;
}

std::vector<std::string> const samples{"", "k", std::string(9, 'a'), std::string(10, 'b'), std::string(99, 'c'),
                                       std::string("\r\n\0*$", 5), std::string(1000, 'd'), std::string(70'000, 'e')};

} // namespace

BOOST_AUTO_TEST_CASE(requests_with_a_key)
{
    redis::send_buffer out;
    std::string expected;
    for (std::string const& key : samples) {
        strata::key_view const view{std::string_view{key}};
        redis::append_keyed<"GET">(out, view);
        redis::append_keyed<"UNLINK">(out, view.prepend(strata::piece{"p."}).prepend(strata::fixed_piece<"q">{}));
        redis::append_keyed_number<"PEXPIRE">(out, view, 18'446'744'073'709'551'615u);
        redis::append_keyed_number<"PEXPIRE">(out, view, 1);
        expected += formatted({"GET", key}) + formatted({"UNLINK", "qp." + key}) +
                    formatted({"PEXPIRE", key, "18446744073709551615"}) + formatted({"PEXPIRE", key, "1"});
    }
    BOOST_CHECK(out.view() == expected);
}

BOOST_AUTO_TEST_CASE(requests_with_a_value)
{
    redis::send_buffer out;
    std::string expected;
    for (std::string const& key : samples) {
        for (std::string const& value : samples) {
            strata::key_view const view{std::string_view{key}};
            redis::append_set<false>(out, view, value, redis::lifetime_arguments{0});
            redis::append_set<false>(out, view, value, redis::lifetime_arguments{600'000});
            redis::append_set<true>(out, view, value, redis::lifetime_arguments{0});
            redis::append_set<true>(out, view, value, redis::lifetime_arguments{9});
            expected += formatted({"SET", key, value}) + formatted({"SET", key, value, "PX", "600000"}) +
                        formatted({"SET", key, value, "NX"}) + formatted({"SET", key, value, "NX", "PX", "9"});
        }
    }
    BOOST_CHECK(out.view() == expected);
}

BOOST_AUTO_TEST_CASE(requests_of_any_length)
{
    redis::send_buffer out;
    redis::append_count(out, 1 + samples.size());
    redis::append_argument(out, "MGET");
    std::vector<std::string> words{"MGET"};
    for (std::string const& key : samples) {
        redis::append_key_argument(out, strata::key_view{std::string_view{key}});
        words.push_back(key);
    }
    redis::append_command(out, "AUTH", std::string{"user"}, "pass word");
    BOOST_CHECK(out.view() == formatted(words) + formatted({"AUTH", "user", "pass word"}));
    out.clear();
    BOOST_CHECK(out.view().empty());
}
