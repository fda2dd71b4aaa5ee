#define BOOST_TEST_MODULE store_redis_batch
#include <boost/test/unit_test.hpp>

#include <strata/store/detail/redis_batch.hpp>
#include <strata/store/detail/redis_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace redis = strata::detail::redis;
using state = redis::reader::state;

namespace {

/// A GET and the values that it was answered with.
class get final : public redis::reply_handler {
public:
    explicit get(std::string_view key) { redis::append_keyed<"GET">(request_, strata::key_view{key}); }

    [[nodiscard]] redis::exchange what(bool apart = false)
    {
        return {request_.view(), 1, {redis::reply_kind::bulk, redis::reply_kind::nil}, true, *this, apart};
    }

    bool take(redis::reply_part const& part) override
    {
        values.emplace_back(part.text);
        return true;
    }

    std::vector<std::string> values;

private:
    redis::send_buffer request_;
};

/// A batch of GETs for "a", "b" and so on; the first one is the leader's own.
class gets {
public:
    explicit gets(std::size_t count, bool apart = false)
    {
        for (std::size_t i = 0; i < count; ++i) {
            asked_.emplace_back(std::string(1, static_cast<char>('a' + i)));
            exchanges_.push_back(asked_[i].what(apart && i + 1 == count));
            if (i == 0) {
                batch.add_own(exchanges_[0]);
            } else {
                batch.add(waiters_.emplace_back(exchanges_[i]));
            }
        }
        batch.merge();
    }

    /// Reads `reply` in pieces of `size` bytes.
    state read(std::string_view reply, std::size_t size)
    {
        redis::reader reader{1000};
        state now = state::incomplete;
        for (; !reply.empty() && now == state::incomplete; reply.remove_prefix(std::min(size, reply.size()))) {
            reader.fill([&](char* to, std::size_t) {
                std::memcpy(to, reply.data(), std::min(size, reply.size()));
                return static_cast<std::ptrdiff_t>(std::min(size, reply.size()));
            });
            redis::merged_reply all{batch};
            now = reader.next(all, redis::merged_reply::expected);
            refused = refused || all.refused();
        }
        return now;
    }

    /// What became of each: its value, "?" where it is to be asked apart, "" where nothing came.
    std::string outcomes()
    {
        std::string all;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (i > 0) BOOST_CHECK(batch[i].kept.replay(asked_[i]));
            if (batch[i].ask_apart) all += '?';
            for (auto const& value : asked_[i].values) all += value;
        }
        return all;
    }

    redis::batch batch;
    bool refused = false;

private:
    std::deque<get> asked_;
    std::deque<redis::exchange> exchanges_;
    std::deque<redis::waiter> waiters_;
};

std::string bulk(char c) { return std::string{"$1\r\n"} + c + "\r\n"; }

} // namespace

BOOST_AUTO_TEST_CASE(many_gets_are_one_mget)
{
    redis::send_buffer expected;
    redis::append_command(expected, "MGET", "a", "b", "c", "d", "e", "f", "g", "h");
    gets many{8};
    BOOST_CHECK(many.batch.merged());
    BOOST_CHECK(many.batch.text() == expected.view());
    BOOST_CHECK(!gets{7}.batch.merged());
    BOOST_CHECK(!gets(8, true).batch.merged()); // one of them is not to be merged
}

BOOST_AUTO_TEST_CASE(each_is_answered_as_by_get_or_asked_apart)
{
    std::string reply = "*8\r\n";
    for (char const c : {'A', 'B', 'C', 'D', 'E'}) reply += bulk(c);
    reply += "$-1\r\n-ERR not this one\r\n" + bulk('H');
    for (std::size_t size = 1; size <= reply.size(); ++size) {
        gets many{8};
        BOOST_CHECK(many.read(reply, size) == state::complete);
        BOOST_CHECK(many.batch.complete());
        BOOST_CHECK(many.outcomes() == "ABCDE??H");
        BOOST_CHECK(!many.refused);
    }
    gets many{8};
    BOOST_CHECK(many.read("-NOPERM no MGET here\r\n", 5) == state::complete);
    BOOST_CHECK(many.outcomes() == "????????");
    BOOST_CHECK(many.refused);
}

BOOST_AUTO_TEST_CASE(what_no_mget_answers_is_nobodys)
{
    for (std::string const head : {"*7\r\n", "*9\r\n", "*-1\r\n", "$-1\r\n", "$1\r\nA\r\n", ":8\r\n", "+OK\r\n"}) {
        gets many{8};
        BOOST_CHECK_MESSAGE(many.read(head + bulk('A'), 100) == state::broken, head);
        BOOST_CHECK(many.outcomes().empty());
    }
    for (std::string const element : {":1\r\n", "+OK\r\n", "*0\r\n", "*1\r\n", "*-1\r\n"}) {
        gets many{8};
        BOOST_CHECK_MESSAGE(many.read("*8\r\n" + bulk('A') + element + bulk('C'), 100) == state::broken, element);
        BOOST_CHECK(many.outcomes() == "A");
    }
}
