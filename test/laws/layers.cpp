#define BOOST_TEST_MODULE laws_layers
#include <boost/test/unit_test.hpp>

#include <strata/compress.hpp>
#include <strata/encrypt.hpp>

#include "../support/laws.hpp"

#include <string>

using namespace strata;
using laws::memory_subject;
using laws::obeys;

namespace {

std::string const secret(32, 's');

} // namespace

BOOST_AUTO_TEST_CASE(coalesce)
{
    obeys(memory_subject<stack<Memory<>>::with<Faulty>::with<Coalesce>::with<Prefix>>({}, Prefix{"p."}));
}

BOOST_AUTO_TEST_CASE(ctu_encrypt)
{
    obeys(memory_subject<stack<Memory<>>::with<CtuEncrypt<Salsa20>>>(
        {}, CtuEncrypt<Salsa20>{.secret = secret, .hsize = 32}));
    obeys(memory_subject<stack<Memory<>>::with<CtuEncrypt<Aes128Cbc>>::with<Prefix>>(
        {}, CtuEncrypt<Aes128Cbc>{.secret = secret, .csize = 4}, Prefix{"p."}));
}

BOOST_AUTO_TEST_CASE(msgpack_over_lz4)
{
    obeys(memory_subject<stack<Memory<>>::with<Prefix>::with<Compress<Lz4>>::with<Serialize<MsgPack>>::with<Stats>>(
        {}, Prefix{"p."}, Compress<Lz4>{.min_size = 0}));
}
