#define BOOST_TEST_MODULE core_scratch
#include <boost/test/unit_test.hpp>

#include <strata/core/scratch.hpp>

#include <string>
#include <thread>
#include <vector>

using strata::detail::scratch;

BOOST_AUTO_TEST_CASE(a_buffer_is_empty_and_keeps_its_capacity)
{
    char const* place = nullptr;
    {
        scratch<std::string> buffer;
        BOOST_TEST(buffer.view().empty());
        (*buffer).assign(1000, 'x');
        BOOST_TEST(buffer.view() == std::string(1000, 'x'));
        place = buffer.view().data();
    }
    scratch<std::string> again;
    BOOST_TEST(again.view().empty());
    (*again).assign(1000, 'y');
    BOOST_CHECK(again.view().data() == place);
}

BOOST_AUTO_TEST_CASE(buffers_nest)
{
    auto const deep = [](auto&& self, int depth) -> void {
        scratch<std::string> buffer;
        BOOST_TEST((*buffer).empty());
        *buffer = std::to_string(depth);
        if (depth < 20) self(self, depth + 1);
        BOOST_TEST(*buffer == std::to_string(depth));
    };
    deep(deep, 0);
    deep(deep, 0);
}

BOOST_AUTO_TEST_CASE(an_exception_gives_the_buffer_back)
{
    char const* place = nullptr;
    try {
        scratch<std::string> buffer;
        (*buffer).assign(500, 'x');
        place = buffer.view().data();
        throw 1;
    } catch (int) {
    }
    scratch<std::string> again;
    (*again).assign(500, 'y');
    BOOST_CHECK(again.view().data() == place);
}

BOOST_AUTO_TEST_CASE(a_large_buffer_is_not_kept)
{
    {
        scratch<std::string> buffer;
        (*buffer).reserve(scratch<std::string>::keep + 1);
    }
    scratch<std::string> again;
    BOOST_TEST((*again).capacity() <= scratch<std::string>::keep);
}

BOOST_AUTO_TEST_CASE(threads_and_types_have_their_own)
{
    scratch<std::string> mine;
    *mine = "mine";
    scratch<std::vector<char>> other_type;
    (*other_type).assign(3, 'v');
    std::thread{[] {
        scratch<std::string> theirs;
        BOOST_CHECK((*theirs).empty());
        *theirs = "theirs";
    }}.join();
    BOOST_TEST(mine.view() == "mine");
    BOOST_TEST(other_type.view() == "vvv");
}
