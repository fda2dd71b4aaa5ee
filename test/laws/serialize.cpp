#define BOOST_TEST_MODULE laws_serialize
#include <boost/test/unit_test.hpp>

#include <strata/compress.hpp>
#include <strata/encrypt.hpp>
#include <strata/json.hpp>

#include "../support/laws.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace strata;
using laws::memory_subject;
using laws::obeys;

namespace {

/// Objects on a store of bytes.
struct object_words {
    using key_type = std::string;
    using value_type = std::map<std::string, std::vector<int>>;

    [[nodiscard]] static key_type key(int n) { return std::to_string(n * 7919); }
    [[nodiscard]] static value_type value(int n)
    {
        auto const size = static_cast<std::size_t>(n);
        return {{"n", {n}}, {std::string(size % 9, 'k'), std::vector<int>(size % 20, -n)}};
    }
};

std::string const secret(32, 's');

template <class Stack, class... Given> void obeys_on_objects(Given... given)
{
    laws::on_memory<Stack, Memory<>, object_words, Given...> subject{{}, std::move(given)...};
    laws::obeys_on_objects(subject);
}

} // namespace

BOOST_AUTO_TEST_CASE(json)
{
    obeys(memory_subject<stack<Memory<>>::with<Serialize<Json>>>({.any_bytes = false}));
    obeys_on_objects<stack<Memory<>>::with<Serialize<Json>>::with<Prefix>>(Prefix{"p."});
}

BOOST_AUTO_TEST_CASE(binary)
{
    obeys(memory_subject<stack<Memory<>>::with<Faulty>::with<Serialize<Binary>>>({}));
    obeys_on_objects<stack<Memory<>>::with<Serialize<Binary>>::with<Stats>::with<Lock<>>>();
}

BOOST_AUTO_TEST_CASE(raw) { obeys(memory_subject<stack<Memory<>>::with<Serialize<Raw>>>({})); }

BOOST_AUTO_TEST_CASE(everything)
{
    obeys_on_objects<stack<Memory<>>::with<Faulty>::with<Prefix>::with<Encrypt<ChaCha20>>::with<Compress<Zstd>>::with<
        Serialize<Binary>>::with<FixedPrefix<"v1.">>::with<Stats>::with<Lock<>>>(
        Prefix{"p."}, Encrypt<ChaCha20>{.secret = secret});
}
