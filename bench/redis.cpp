/// The Redis store against hiredis used by hand: `redisCommandArgv` on a connection for each thread, with the prefix
/// joined by hand. `bench.redis --help` tells how to call it.

#include "support/composed.hpp"
#include "support/redis_ceiling.hpp"
#include "support/wire.hpp"

#include "support/redis_server.hpp"

#include <strata/redis.hpp>
#include <strata/strata.hpp>

#include <hiredis/hiredis.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace strata;

constexpr char const* prefix = "bench.";
constexpr char const* milliseconds = "600000"; // as the store's own lifetime

/// One command for each key, as most programs do it.
class by_hand : public bench::client {
public:
    explicit by_hand(redisContext* connected) : context_{connected, &redisFree}
    {
        if (!context_ || context_->err) throw std::runtime_error{"cannot connect to redis-server"};
    }

    void get(std::string const& key, std::string& out) override
    {
        key_.assign(prefix).append(key);
        char const* words[] = {"GET", key_.data()};
        std::size_t const sizes[] = {3, key_.size()};
        auto const reply = own(redisCommandArgv(context_.get(), 2, words, sizes));
        expect(*reply, REDIS_REPLY_STRING);
        out.assign(reply->str, reply->len);
    }

    void put(std::string const& key, std::string const& value) override
    {
        key_.assign(prefix).append(key);
        char const* words[] = {"SET", key_.data(), value.data(), "PX", milliseconds};
        std::size_t const sizes[] = {3, key_.size(), value.size(), 2, std::string_view{milliseconds}.size()};
        expect(*own(redisCommandArgv(context_.get(), 5, words, sizes)), REDIS_REPLY_STATUS);
    }

protected:
    struct free_reply {
        void operator()(redisReply* reply) const { freeReplyObject(reply); }
    };
    using reply_pointer = std::unique_ptr<redisReply, free_reply>;

    static reply_pointer own(void* reply)
    {
        if (!reply) throw std::runtime_error{"redis-server does not answer"};
        return reply_pointer{static_cast<redisReply*>(reply)};
    }
    static void expect(redisReply const& reply, int type)
    {
        if (reply.type != type) throw std::runtime_error{"redis-server answered something unexpected"};
    }
    reply_pointer next_reply()
    {
        void* reply = nullptr;
        redisGetReply(context_.get(), &reply);
        return own(reply);
    }

    std::unique_ptr<redisContext, decltype(&redisFree)> context_;
    std::string key_;
};

/// All keys in one MGET, all entries in one pipeline.
class by_hand_at_once : public by_hand {
public:
    using by_hand::by_hand;

    void get_many(bench::keys const& all) override
    {
        joined_.resize(all.size());
        words_.assign(1, "MGET");
        sizes_.assign(1, 4);
        for (std::size_t i = 0; i < all.size(); ++i) {
            joined_[i].assign(prefix).append(all[i]);
            words_.push_back(joined_[i].data());
            sizes_.push_back(joined_[i].size());
        }
        auto const reply =
            own(redisCommandArgv(context_.get(), static_cast<int>(words_.size()), words_.data(), sizes_.data()));
        expect(*reply, REDIS_REPLY_ARRAY);
        for (std::size_t i = 0; i < reply->elements; ++i) expect(*reply->element[i], REDIS_REPLY_STRING);
    }

    void put_many(bench::entries const& all) override
    {
        for (auto const& [key, value] : all) {
            key_.assign(prefix).append(key);
            char const* words[] = {"SET", key_.data(), value.data(), "PX", milliseconds};
            std::size_t const sizes[] = {3, key_.size(), value.size(), 2, std::string_view{milliseconds}.size()};
            redisAppendCommandArgv(context_.get(), 5, words, sizes);
        }
        for (std::size_t i = 0; i < all.size(); ++i) expect(*next_reply(), REDIS_REPLY_STATUS);
    }

private:
    std::vector<std::string> joined_;
    std::vector<char const*> words_;
    std::vector<std::size_t> sizes_;
};

/// Shares one connection, and cares for nothing else.
class least : public bench::client {
public:
    explicit least(std::shared_ptr<bench::redis_ceiling> shared) : shared_{std::move(shared)} {}

    void get(std::string const&, std::string&) override { shared_->get(); }
    void put(std::string const&, std::string const&) override { throw std::logic_error{"the ceiling only gets"}; }

private:
    std::shared_ptr<bench::redis_ceiling> shared_;
};

using Cache = stack<Redis>::with<Prefix>::with<Stats>;

bench::transport contest(std::string name, Redis const& policy, std::function<redisContext*()> const& connect)
{
    return {std::move(name),
            {{"raw", [connect] { return std::make_unique<by_hand>(connect()); }},
             {"raw_at_once", [connect] { return std::make_unique<by_hand_at_once>(connect()); }, bench::table::batches},
             bench::one_stack_for_all([policy] { return std::make_shared<Cache>(policy, Prefix{prefix}); }),
             {"ceiling", bench::one_for_all<least>([connect] {
                  bench::keys all;
                  for (std::size_t i = 0; i < 1024; ++i) all.push_back(prefix + bench::wire::key_at(i * 7919 % 1024));
                  return std::make_shared<bench::redis_ceiling>(connect(), all);
              }),
              bench::table::threads}}};
}

} // namespace

int main(int argc, char** argv)
try {
    bench::wire const wire{argc, argv};
    if (wire.wants_help()) {
        bench::wire::print_help("bench.redis");
        return 0;
    }
    test::redis_server const server;
    wire.run({contest("tcp", {.host = server.host(), .port = server.port()},
                      [&] { return redisConnect(server.host().c_str(), server.port()); }),
              contest("unix", {.path = server.path()}, [&] { return redisConnectUnix(server.path().c_str()); })});
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
