#define BOOST_TEST_MODULE core_request
#include <boost/test/unit_test.hpp>

#include <strata/core/request.hpp>

#include <string>
#include <vector>

using namespace strata;

namespace {

struct batch {
    std::vector<std::string> texts;
    [[nodiscard]] std::size_t size() const { return texts.size(); }
    [[nodiscard]] auto operator[](std::size_t i) const { return key_view{std::string_view{texts[i]}}; }
};

struct counting_sink {
    using wants = void;

    std::vector<std::size_t> failed;

    void hit(std::size_t) {}
    void miss(std::size_t) {}
    void fail(std::size_t i, failure const& reason)
    {
        BOOST_CHECK(reason.code() == errc::timed_out);
        failed.push_back(i);
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(operations_say_what_they_carry)
{
    static_assert(op::get::has<part::keys> && op::get::has<part::values_up> && !op::get::has<part::values_down>);
    static_assert(op::put::has<part::values_down> && !op::put::has<part::values_up>);
    static_assert(op::touch::has<part::new_lifetime>);
    static_assert(!op::contains::has<part::values_up> && !op::erase::has<part::values_down>);
    static_assert(scoped<op::clear> && scoped<op::size> && !scoped<op::get>);
    static_assert(part::values_up::concerns == aspect::value && part::keys::concerns == aspect::key);
}

BOOST_AUTO_TEST_CASE(a_single_key_is_a_batch_of_one_by_its_type)
{
    static_assert(single<single_key<key_view<piece>>>);
    static_assert(single<single_key<int const&>>);
    static_assert(!single<batch>);
    single_key const one{key_view{std::string_view{"k"}}};
    BOOST_TEST(one.size() == 1u);
    BOOST_TEST(one[0].size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_names_its_operation)
{
    batch const keys{{"a", "b"}};
    counting_sink sink;
    auto source = [](std::size_t, auto&&) {};
    auto const asks_only = make_request<op::touch>(keys, sink, std::chrono::seconds{3});
    auto const stores = make_request<op::put>(keys, sink, source, forever);
    static_assert(asks<decltype(asks_only), op::touch> && !asks<decltype(asks_only), op::put>);
    static_assert(asks<decltype(stores) const&, op::put>);
    BOOST_CHECK(asks_only.ttl == lifetime{std::chrono::seconds{3}});
    BOOST_CHECK(stores.ttl.is_forever());
    BOOST_CHECK(&stores.keys == &keys && &stores.sink == &sink && &stores.source == &source);
    BOOST_CHECK(make_request<op::get>(keys, sink).ttl.is_default());
}

BOOST_AUTO_TEST_CASE(fail_all_reports_each_key_once)
{
    batch const keys{{"a", "b", "c"}};
    counting_sink sink;
    fail_all(make_request<op::get>(keys, sink), errc::timed_out);
    BOOST_CHECK((sink.failed == std::vector<std::size_t>{0, 1, 2}));

    scope const everything{key_view<>{std::tuple{}}};
    counting_sink whole;
    fail_all(make_request<op::clear>(everything, whole), errc::timed_out);
    BOOST_CHECK((whole.failed == std::vector<std::size_t>{0}));
    BOOST_CHECK(everything.exact);
}
