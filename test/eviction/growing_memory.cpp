#define BOOST_TEST_MODULE eviction_growing_memory

#include <strata/eviction/detail/growing_memory.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <new>
#include <string>
#include <utility>

using strata::detail::growing_memory;

namespace {

constexpr std::size_t step = 4096;

/// Marks each page, so that it is really there.
void mark(growing_memory& memory, std::size_t from)
{
    for (std::size_t at = from; at < memory.size(); at += step) {
        memory.data()[at] = static_cast<std::byte>(at / step % 251);
    }
}

bool marked(growing_memory const& memory)
{
    for (std::size_t at = 0; at < memory.size(); at += step) {
        if (memory.data()[at] != static_cast<std::byte>(at / step % 251)) return false;
        if (memory.data()[at + step - 1] != std::byte{0}) return false;
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(keeps_what_is_there_and_adds_zeros)
{
    growing_memory memory;
    for (std::size_t size = step; size <= std::size_t{64} << 20; size *= 2) {
        auto const before = memory.size();
        memory.grow(size);
        BOOST_TEST(memory.size() == size);
        for (std::size_t at = before; at < size; at += step) BOOST_REQUIRE(memory.data()[at] == std::byte{0});
        mark(memory, before);
        BOOST_REQUIRE(marked(memory));
    }
}

BOOST_AUTO_TEST_CASE(moves_and_stays_as_it_is_when_there_is_not_so_much)
{
    growing_memory memory;
    memory.grow(std::size_t{1} << 20);
    mark(memory, 0);
    BOOST_CHECK_THROW(memory.grow(SIZE_MAX), std::bad_alloc);
    BOOST_CHECK_THROW(memory.grow(std::size_t{1} << 60), std::bad_alloc);
    BOOST_TEST(marked(memory));

    growing_memory other{std::move(memory)};
    BOOST_TEST(marked(other));
    BOOST_TEST(memory.size() == 0U);
    memory.grow(step);
    memory = std::move(other);
    BOOST_TEST(memory.size() == std::size_t{1} << 20);
    BOOST_TEST(marked(memory));
}

#if defined(__linux__)

// Before Linux 6.17 `mremap` moves one mapping and no more: where growth left several, the next growth would fail.
BOOST_AUTO_TEST_CASE(is_one_mapping_however_often_it_has_grown)
{
    growing_memory memory;
    for (std::size_t size = std::size_t{1} << 17; size <= std::size_t{64} << 20; size *= 2) {
        auto const before = memory.size();
        memory.grow(size);
        mark(memory, before);

        auto const first = reinterpret_cast<std::uintptr_t>(memory.data());
        bool whole = false;
        std::ifstream maps{"/proc/self/maps"};
        for (std::string line; std::getline(maps, line);) {
            std::size_t used = 0;
            auto const begin = std::stoull(line, &used, 16);
            auto const end = std::stoull(line.substr(used + 1), nullptr, 16);
            whole = whole || (begin <= first && first + size <= end);
        }
        BOOST_TEST(whole, "in one piece at " << size << " bytes");
    }
}

#endif
