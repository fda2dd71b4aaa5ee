#define BOOST_TEST_MODULE laws_memory
#include <boost/test/unit_test.hpp>

#include "../support/laws.hpp"

using namespace strata;
using laws::memory_subject;
using laws::obeys;

BOOST_AUTO_TEST_CASE(memory) { obeys(memory_subject<stack<Memory<>>>({})); }

BOOST_AUTO_TEST_CASE(prefix) { obeys(memory_subject<stack<Memory<>>::with<Prefix>>({}, Prefix{"session."})); }

BOOST_AUTO_TEST_CASE(empty_prefix) { obeys(memory_subject<stack<Memory<>>::with<Prefix>>({})); }

BOOST_AUTO_TEST_CASE(fixed_prefixes)
{
    obeys(memory_subject<stack<Memory<>>::with<FixedPrefix<"a.">>::with<FixedPrefix<"b\0.">>>({}));
}

BOOST_AUTO_TEST_CASE(prefixes_of_both_kinds)
{
    obeys(memory_subject<stack<Memory<>>::with<Prefix>::with<FixedPrefix<"f.">>::with<Prefix>>({}, Prefix{"inner."},
                                                                                              Prefix{"outer."}));
}

BOOST_AUTO_TEST_CASE(stats) { obeys(memory_subject<stack<Memory<>>::with<Stats>>({})); }

BOOST_AUTO_TEST_CASE(lock_over_all)
{
    obeys(memory_subject<stack<Memory<>>::with<Prefix>::with<Stats>::with<Lock<>>>({}, Prefix{"p."}));
}

BOOST_AUTO_TEST_CASE(lock_under_all)
{
    obeys(memory_subject<stack<Memory<>>::with<Lock<>>::with<Prefix>::with<Stats>>({}, Prefix{"p."}));
}

BOOST_AUTO_TEST_CASE(faulty) { obeys(memory_subject<stack<Memory<>>::with<Faulty>>({})); }

BOOST_AUTO_TEST_CASE(faulty_beneath)
{
    obeys(memory_subject<stack<Memory<>>::with<Faulty>::with<Prefix>::with<Stats>::with<Lock<>>>({}, Prefix{"p."}));
}

namespace {

/// A store of objects, under numbers.
struct numbered_objects {
    using key_type = int;
    using value_type = std::vector<int>;

    [[nodiscard]] static key_type key(int n) { return n - 3; }
    [[nodiscard]] static value_type value(int n) { return value_type(static_cast<std::size_t>(n % 7 + 1), n); }
};

struct texts_by_number {
    using key_type = long;
    using value_type = std::string;

    [[nodiscard]] static key_type key(int n) { return -n; }
    [[nodiscard]] static value_type value(int n)
    {
        return std::string(static_cast<std::size_t>(n % 40), 'v') + std::to_string(n);
    }
};

struct objects_by_text {
    using key_type = std::string;
    using value_type = std::pair<int, std::string>;

    [[nodiscard]] static key_type key(int n) { return std::string(static_cast<std::size_t>(n), 'k'); }
    [[nodiscard]] static value_type value(int n) { return {n, std::to_string(n)}; }
};

} // namespace

BOOST_AUTO_TEST_CASE(objects_by_number)
{
    using store = Memory<int, std::vector<int>>;
    laws::on_memory<stack<store>, store, numbered_objects> plain{{}};
    obeys_on_objects(plain);
    laws::on_memory<stack<store>::with<Faulty>::with<Stats>::with<Lock<>>, store, numbered_objects> layered{{}};
    obeys_on_objects(layered);
}

BOOST_AUTO_TEST_CASE(text_by_number)
{
    using store = Memory<long>;
    laws::on_memory<stack<store>::with<Stats>, store, texts_by_number> subject{{}};
    obeys_on_objects(subject);
}

BOOST_AUTO_TEST_CASE(object_by_text)
{
    using store = Memory<std::string, std::pair<int, std::string>>;
    laws::on_memory<stack<store>::with<Prefix>, store, objects_by_text, Prefix> subject{{}, Prefix{"p."}};
    obeys_on_objects(subject);
}
