#define BOOST_TEST_MODULE layer_ctu_keys
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>
#include <strata/json.hpp>
#include <strata/layer/ctu_keys.hpp>
#include <strata/strata.hpp>

#include "../support/glass.hpp"

#include <boost/algorithm/hex.hpp>

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

/// What CacheToolsUtils 11.0 stores, recorded there.

using namespace strata;

namespace {

using bytes_by_key = std::map<std::string, std::string>;

std::string from_hex(std::string_view text)
{
    std::string out;
    boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(out));
    return out;
}

std::string counting(int count)
{
    std::string out;
    for (int i = 0; i < count; ++i) out += static_cast<char>(i);
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(redis_cache)
{
    Glass store;
    stack<Glass>::with<CtuJsonKeys>::with<Serialize<Json>> texts{store};
    BOOST_REQUIRE(texts.put("acm\u00e9 \"\\\n\x7f\U0001f600", std::map<std::string, int>{{"b", 1}, {"a", 2}}));
    stack<Glass>::with<Serialize<Json>> others{store};
    BOOST_REQUIRE(others.put(3, 4));
    BOOST_REQUIRE(others.put(std::tuple{"hello", 3}, 5));
    bytes_by_key const recorded{{R"("acm\u00e9 \"\\\n\u007f\ud83d\ude00")", R"({"a":2,"b":1})"},
                                {"3", "4"},
                                {R"(["hello",3])", "5"}};
    BOOST_CHECK(*store.entries == recorded);
    *store.entries = recorded;
    BOOST_CHECK((texts.get<std::map<std::string, int>>("acm\u00e9 \"\\\n\x7f\U0001f600").value().at("a") == 2));
    BOOST_CHECK(others.get<int>(3).value() == 4);
}

BOOST_AUTO_TEST_CASE(prefixed_redis_cache)
{
    Glass store;
    stack<Glass>::with<Prefix>::with<Serialize<Json>> s{store, Prefix{"app."}};
    BOOST_REQUIRE(s.put("acme", std::tuple{1, std::string{"two"}}));
    BOOST_REQUIRE(s.put(3, 4));
    BOOST_CHECK((*store.entries == bytes_by_key{{"app.acme", R"([1,"two"])"}, {"app.3", "4"}}));
}

BOOST_AUTO_TEST_CASE(memcached_keys)
{
    Glass store;
    stack<Glass>::with<CtuBase85Keys> s{store};
    bytes_by_key recorded;
    std::vector<std::pair<std::string, std::string>> const keys{
        {"acme.[\"hello\",3]", "VPkD&E?XjKWo&G3A}ljq"}, {"", ""},           {"a", "VE"},          {"ab", "VPX"},
        {"abc", "VPaz"},                                {"abcd", "VPa!s"}, {"abcde", "VPa!sWd"}, {"\u00e9", "!>I"}};
    for (auto const& [key, stored] : keys) {
        BOOST_REQUIRE(s.put(key, "v"));
        BOOST_CHECK(s.get(key).value() == "v");
        recorded.emplace(stored, "v");
    }
    BOOST_CHECK(*store.entries == recorded);
}

BOOST_AUTO_TEST_CASE(bytes_cache)
{
    Glass store;
    stack<Glass>::with<CtuBase85> s{store};
    std::vector<std::pair<std::string, std::string>> const entries{
        {std::string{"\0\x01\xff", 3}, counting(11)}, {"", ""}, {std::string(8, '\xff'), std::string(8, '\xff')}};
    for (auto const& [key, value] : entries) BOOST_REQUIRE(s.put(key, value));
    bytes_by_key const recorded{{"00I9", "009C61O)~M2nh-"}, {"", ""}, {"|NsC0|NsC0", "|NsC0|NsC0"}};
    BOOST_CHECK(*store.entries == recorded);
    for (auto const& [key, value] : entries) BOOST_CHECK(s.get(key).value() == value);

    for (std::string const bad : {"0", "00000" "0", "|NsC1", "~~~~~", "00 00", "\"0000", "0000,"}) {
        (*store.entries)[""] = bad;
        BOOST_CHECK_MESSAGE(s.get("").error() == errc::corrupt, bad);
    }
    for (std::size_t size = 0; size < 300; ++size) {
        BOOST_REQUIRE(s.put("key", counting(static_cast<int>(size))));
        BOOST_REQUIRE(s.get("key").value() == counting(static_cast<int>(size)));
    }
}

/// `ToBytesCache` over `EncryptedCache` over a store, as a service in Python stacks them.
BOOST_AUTO_TEST_CASE(to_bytes_and_encrypted_cache)
{
    std::string const key = from_hex("e0e265e14aa5cdbb3d9c4fa941445a6f");
    std::string const text = R"({"n":[1,2,null,true],"name":"Zo\u00eb"})";
    auto const check = [&]<class C>(C, std::string_view recorded) {
        Glass store;
        using sealed = typename stack<Glass>::with<CtuEncrypt<C>>::template with<CtuJsonKeys>;
        sealed s{store, CtuEncrypt<C>{.secret = counting(32), .csize = 4}};
        BOOST_REQUIRE(s.put("r\u00e9sum\u00e9", text));
        BOOST_CHECK((*store.entries == bytes_by_key{{key, from_hex(recorded)}}));
        *store.entries = {{key, from_hex(recorded)}};
        BOOST_CHECK(s.get("r\u00e9sum\u00e9").value() == text);
    };
    check(Salsa20{}, "3f10cfda2f42938a1d8fef365a2d6668f51bc88e6bf805eab2bb83efb566b69bc4c34fd00d3242a6f6f9a3");
    check(ChaCha20{}, "3f10cfdab399e9d114e796cf6c470f56dcf4c01f7ceb4d3d6919bad9240f0b88db19ef1ae0fe0570b183a5");
    check(Aes128Cbc{}, "3f10cfda9d51630ff76436951fc7da80bb12204cceb88e1894e8513adf19b6a2"
                       "f880d3ce32ca4eaeb5115f39d1dca131f6a2c41e");
}

/// Bytes that are not UTF-8 are no text in Python; here they are keys like any others, and no two of them are the same.
BOOST_AUTO_TEST_CASE(any_bytes_are_a_key)
{
    BOOST_CHECK(detail::python_json_string("\xff\xc3") == R"("\udcff\udcc3")");
    BOOST_CHECK(detail::python_json_string("\xed\xa0\x80") == R"("\udced\udca0\udc80")"); // a surrogate
    BOOST_CHECK(detail::python_json_string("\xe0\x80\xaf") == R"("\udce0\udc80\udcaf")"); // too long a form
    BOOST_CHECK(detail::python_json_string("\xf4\x90\x80\x80") == R"("\udcf4\udc90\udc80\udc80")");
    BOOST_CHECK(detail::python_json_string("\xef\xbf\xbf\x1f") == R"("\uffff\u001f")");
    std::map<std::string, std::string> texts;
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            std::string const key{static_cast<char>(a), static_cast<char>(b)};
            BOOST_REQUIRE(texts.emplace(detail::python_json_string(key), key).second);
        }
    }
    stack<Memory<>>::with<CtuJsonKeys> s;
    BOOST_CHECK(s.put(std::string{"\0\xff", 2}, "v") && s.get(std::string{"\0\xff", 2}).value() == "v");
}
