#define BOOST_TEST_MODULE store_memcached_flags
#include <boost/test/unit_test.hpp>

#include "../support/memcached_server.hpp"

#include <strata/json.hpp>
#include <strata/layer/ctu_keys.hpp>
#include <strata/memcached.hpp>
#include <strata/strata.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace strata;
using test::memcached_server;

namespace {

/// The flags of JsonSerde.
enum : std::uint32_t { bytes_flag = 1, text_flag = 2, json_flag = 3 };

using Texts = stack<Memcached>::with<CtuBase85Keys>;
using Objects = stack<Memcached>::with<CtuBase85Keys>::with<Serialize<Json>>;
using table = std::map<std::string, std::vector<int>>;

Memcached over(memcached_server const& server, std::uint32_t flags)
{
    return {.servers = {server.address()}, .flags = flags};
}

/// Stores what `set` of pymemcache sends.
void store(memcached_server const& server, std::string const& key, std::uint32_t flags, std::string const& value)
{
    std::string const head = "set " + key + " " + std::to_string(flags) + " 600 " + std::to_string(value.size());
    BOOST_REQUIRE(server.ask(head + "\r\n" + value, "STORED") == "STORED\r\n");
}

/// What `get` of pymemcache reads.
std::string line(memcached_server const& server, std::string const& key) { return server.ask("get " + key, "END"); }

} // namespace

// What MemCached of CacheToolsUtils with JsonSerde puts under the keys "acme.["hello",3]", "ab", "abc" and "a": the
// keys as recorded from it, the values by its rules.
BOOST_AUTO_TEST_CASE(what_json_serde_writes_is_read)
{
    memcached_server const server;
    store(server, "VPkD&E?XjKWo&G3A}ljq", json_flag, R"({"one": [1], "two": [1, 2]})");
    store(server, "VPX", text_flag, "caf\u00e9");
    store(server, "VPaz", bytes_flag, "\x80\x01 bytes");
    store(server, "VE", json_flag, "12");

    Objects objects{over(server, json_flag)};
    BOOST_CHECK((objects.get<table>("acme.[\"hello\",3]").value() == table{{"one", {1}}, {"two", {1, 2}}}));
    BOOST_CHECK(objects.get<int>("a").value() == 12);
    Texts texts{over(server, text_flag)};
    BOOST_CHECK(texts.get("ab").value() == "caf\u00e9");
    Texts raw{over(server, bytes_flag)};
    BOOST_CHECK(raw.get("abc").value() == "\x80\x01 bytes");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_what_json_serde_reads)
{
    memcached_server const server;
    BOOST_REQUIRE(Objects{over(server, json_flag)}.put("acme.[\"hello\",3]", table{{"one", {1}}}));
    BOOST_CHECK(line(server, "VPkD&E?XjKWo&G3A}ljq") ==
                "VALUE VPkD&E?XjKWo&G3A}ljq 3 11\r\n{\"one\":[1]}\r\nEND\r\n");
    Texts texts{over(server, text_flag)};
    BOOST_REQUIRE(texts.add("ab", "text"));
    BOOST_CHECK(line(server, "VPX") == "VALUE VPX 2 4\r\ntext\r\nEND\r\n");
    for (auto const& done : texts.put_many({{"abc", "1"}, {"a", "2"}})) BOOST_REQUIRE(done);
    BOOST_CHECK(line(server, "VPaz") == "VALUE VPaz 2 1\r\n1\r\nEND\r\n");
    BOOST_CHECK(line(server, "VE") == "VALUE VE 2 1\r\n2\r\nEND\r\n");
    BOOST_CHECK(texts.touch("a", forever).hit());
    BOOST_CHECK(line(server, "VE") == "VALUE VE 2 1\r\n2\r\nEND\r\n");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_kind_is_corrupt)
{
    memcached_server const server;
    store(server, "VPX", text_flag, "12");
    store(server, "VPaz", json_flag, "12");
    store(server, "VE", 0, "12");
    Objects objects{over(server, json_flag)};
    BOOST_CHECK(objects.get<int>("ab").error() == errc::corrupt);
    BOOST_CHECK(objects.get<int>("a").error() == errc::corrupt);
    BOOST_CHECK(objects.contains("ab").hit());
    std::vector<std::string> const keys{"ab", "abc", "none", "a"};
    auto const found = objects.get_many<int>(keys);
    BOOST_CHECK(found[0].error() == errc::corrupt && found[3].error() == errc::corrupt);
    BOOST_CHECK(found[1].value() == 12 && found[2].miss());
    BOOST_REQUIRE(objects.put("ab", 13));
    BOOST_CHECK(objects.get<int>("ab").value() == 13);
}

BOOST_AUTO_TEST_CASE(without_the_setting_all_flags_are_read_and_none_written)
{
    memcached_server const server;
    store(server, "VPX", 0xffff'ffff, "12");
    Objects objects{over(server, 0)};
    BOOST_CHECK(objects.get<int>("ab").value() == 12);
    BOOST_REQUIRE(objects.put("ab", 13));
    BOOST_CHECK(line(server, "VPX") == "VALUE VPX 0 2\r\n13\r\nEND\r\n");
}
