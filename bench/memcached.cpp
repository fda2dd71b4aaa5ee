/// The Memcached store against libmemcached used by hand, one `memcached_st` for each thread, with the prefix joined by
/// hand. `bench.memcached --help` tells how to call it.

#include "support/composed.hpp"
#include "support/wire.hpp"

#include "support/memcached_server.hpp"

#include <strata/memcached.hpp>
#include <strata/strata.hpp>

#include <libmemcached/memcached.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace strata;

constexpr char const* prefix = "bench.";
constexpr std::time_t seconds = 600; // as the store's own lifetime

enum class protocol : std::uint64_t { text, binary };

struct handle {
    handle(test::memcached_server const& server, test::memcached_server::by way, protocol kind)
        : st{memcached_create(nullptr), &memcached_free}
    {
        if (!st) throw std::bad_alloc{};
        check(memcached_behavior_set(st.get(), MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, static_cast<std::uint64_t>(kind)));
        check(memcached_behavior_set(st.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1));
        check(way == test::memcached_server::by::path
                  ? memcached_server_add_unix_socket(st.get(), server.path().c_str())
                  : memcached_server_add(st.get(), "127.0.0.1", server.port()));
    }

    static void check(memcached_return_t code)
    {
        if (code != MEMCACHED_SUCCESS && code != MEMCACHED_BUFFERED) {
            throw std::runtime_error{memcached_strerror(nullptr, code)};
        }
    }

    std::unique_ptr<memcached_st, decltype(&memcached_free)> st;
};

/// One call for each key, as most programs do it.
class by_hand : public bench::client {
public:
    explicit by_hand(handle connected) : connected_{std::move(connected)} {}

    void get(std::string const& key, std::string& out) override
    {
        key_.assign(prefix).append(key);
        std::size_t size = 0;
        std::uint32_t flags = 0;
        memcached_return_t code = MEMCACHED_SUCCESS;
        std::unique_ptr<char, decltype(&std::free)> const value{
            memcached_get(st(), key_.data(), key_.size(), &size, &flags, &code), &std::free};
        handle::check(code);
        out.assign(value.get(), size);
    }

    void put(std::string const& key, std::string const& value) override
    {
        key_.assign(prefix).append(key);
        handle::check(memcached_set(st(), key_.data(), key_.size(), value.data(), value.size(), seconds, 0));
    }

protected:
    [[nodiscard]] memcached_st* st() const noexcept { return connected_.st.get(); }

    handle connected_;
    std::string key_;
};

/// The result object is used again, which only the call for several keys can do. All keys in one such call; `put_many`
/// has no form in libmemcached that is both one round trip and tells how each went.
class with_result : public by_hand {
public:
    explicit with_result(handle connected) : by_hand{std::move(connected)}
    {
        memcached_result_create(st(), &result_);
    }
    ~with_result() override { memcached_result_free(&result_); }

    void get(std::string const& key, std::string& out) override
    {
        key_.assign(prefix).append(key);
        char const* const word = key_.data();
        std::size_t const size = key_.size();
        handle::check(memcached_mget(st(), &word, &size, 1));
        memcached_return_t code = MEMCACHED_SUCCESS;
        bool found = false;
        while (memcached_fetch_result(st(), &result_, &code)) {
            out.assign(memcached_result_value(&result_), memcached_result_length(&result_));
            found = true;
        }
        if (!found) throw std::runtime_error{"a key was not found"};
    }

    void get_many(bench::keys const& all) override
    {
        joined_.resize(all.size());
        words_.clear();
        sizes_.clear();
        for (std::size_t i = 0; i < all.size(); ++i) {
            joined_[i].assign(prefix).append(all[i]);
            words_.push_back(joined_[i].data());
            sizes_.push_back(joined_[i].size());
        }
        handle::check(memcached_mget(st(), words_.data(), sizes_.data(), words_.size()));
        memcached_return_t code = MEMCACHED_SUCCESS;
        std::size_t found = 0;
        while (memcached_fetch_result(st(), &result_, &code)) ++found;
        if (found != all.size()) throw std::runtime_error{"a key was not found"};
    }

private:
    memcached_result_st result_;
    std::vector<std::string> joined_;
    std::vector<char const*> words_;
    std::vector<std::size_t> sizes_;
};

/// `put_many` by quiet requests: nobody learns how they went. A get behind them waits until the server has done them.
class quiet : public by_hand {
public:
    explicit quiet(handle connected) : by_hand{std::move(connected)}
    {
        handle::check(memcached_behavior_set(st(), MEMCACHED_BEHAVIOR_NOREPLY, 1));
        handle::check(memcached_behavior_set(st(), MEMCACHED_BEHAVIOR_BUFFER_REQUESTS, 1));
    }

    void put_many(bench::entries const& all) override
    {
        for (auto const& [key, value] : all) put(key, value);
        handle::check(memcached_flush_buffers(st()));
        get(all.back().first, reused_);
    }
};

using Cache = stack<Memcached>::with<Prefix>::with<Stats>;

bench::transport contest(std::string name, test::memcached_server const& server, test::memcached_server::by way)
{
    auto const connect = [&server, way](protocol kind) { return handle{server, way, kind}; };
    return {std::move(name),
            {{"raw", [connect] { return std::make_unique<by_hand>(connect(protocol::binary)); }},
             {"raw_result", [connect] { return std::make_unique<with_result>(connect(protocol::binary)); }},
             {"raw_text", [connect] { return std::make_unique<with_result>(connect(protocol::text)); }},
             {"raw_quiet", [connect] { return std::make_unique<quiet>(connect(protocol::binary)); }, bench::table::batches},
             bench::one_stack_for_all([&server] {
                 return std::make_shared<Cache>(Memcached{.servers = {server.address()}}, Prefix{prefix});
             })}};
}

} // namespace

int main(int argc, char** argv)
try {
    bench::wire const wire{argc, argv};
    if (wire.wants_help()) {
        bench::wire::print_help("bench.memcached");
        return 0;
    }
    using by = test::memcached_server::by;
    test::memcached_server const by_port{by::port};
    test::memcached_server const by_path{by::path};
    wire.run({contest("tcp", by_port, by::port), contest("unix", by_path, by::path)});
} catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
