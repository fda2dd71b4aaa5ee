#define BOOST_TEST_MODULE laws_encrypt
#include <boost/test/unit_test.hpp>

#include <strata/encrypt.hpp>

#include "../support/laws.hpp"

#include <string>

using namespace strata;
using laws::memory_subject;
using laws::obeys;

namespace {

std::string const secret(32, 's');

} // namespace

BOOST_AUTO_TEST_CASE(chacha20)
{
    obeys(memory_subject<stack<Memory<>>::with<Encrypt<ChaCha20>>>({}, Encrypt<ChaCha20>{.secret = secret}));
}

BOOST_AUTO_TEST_CASE(aes256_in_the_middle)
{
    obeys(memory_subject<stack<Memory<>>::with<Prefix>::with<Encrypt<Aes256>>::with<Prefix>::with<Stats>>(
        {}, Prefix{"in."}, Encrypt<Aes256>{.secret = secret, .hash_size = 32}, Prefix{"out."}));
}

BOOST_AUTO_TEST_CASE(aes_siv_padded)
{
    obeys(memory_subject<stack<Memory<>>::with<Encrypt<AesSiv>>>(
        {}, Encrypt<AesSiv>{.secret = secret, .padding = Padding::padme}));
}

BOOST_AUTO_TEST_CASE(with_retired_secrets)
{
    obeys(memory_subject<stack<Memory<>>::with<Encrypt<ChaCha20>>>(
        {}, Encrypt<ChaCha20>{.secret = secret, .retired = {std::string(16, 'o'), std::string(20, 'p')}}));
}

BOOST_AUTO_TEST_CASE(failures_beneath)
{
    obeys(memory_subject<stack<Memory<>>::with<Faulty>::with<Encrypt<Aes256>>::with<Lock<>>>(
        {}, Encrypt<Aes256>{.secret = secret}));
}
