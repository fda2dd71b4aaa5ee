#define BOOST_TEST_MODULE store_memory_allocation
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/lfu.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/eviction/s3_fifo.hpp>
#include <strata/eviction/tiny_lfu.hpp>
#include <strata/store/memory.hpp>

#include <cstdlib>
#include <map>
#include <new>
#include <string>

namespace {

/// Allocations until one fails; negative: none does.
long left = -1;

void* allocate(std::size_t size, std::size_t align)
{
    if (left == 0) throw std::bad_alloc{};
    if (left > 0) --left;
    void* const memory = std::aligned_alloc(align, (size + align) / align * align);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}

} // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t align) { return allocate(size, static_cast<std::size_t>(align)); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace strata;
using namespace std::chrono_literals;

namespace {

/// Puts entries of all sizes until the `n`-th allocation fails, then looks at what is there. Whether one failed.
template <class Eviction, class Threads> bool fails_at(long n, std::size_t most)
{
    using Cache = Memory<std::string, std::string, Eviction, Threads>;
    ManualClock clock;
    stack<Cache> cache{Cache{.max_entries = most, .max_bytes = 6000, .clock = clock}};
    std::map<std::string, std::string> model;
    bool failed = false;
    long armed = n; // only what the store allocates shall fail
    for (int i = 0; i < 300; ++i) {
        auto const key = std::to_string(i % 70);
        auto const value = std::string(static_cast<std::size_t>(i * 37 % 500), static_cast<char>('a' + i % 26));
        auto& expected = model[key];
        bool stored = false;
        left = armed;
        try {
            stored = static_cast<bool>(i % 5 == 0 ? cache.put(key, value, 1h) : cache.put(key, value));
        } catch (std::bad_alloc const&) {
            failed = true;
        }
        armed = failed ? -1 : left;
        left = -1;
        if (stored) expected = value;
        BOOST_REQUIRE(stored || failed);
        if (auto const found = cache.get(key)) BOOST_REQUIRE(*found == expected);
        BOOST_REQUIRE((most == 0 || *cache.size() <= most));
        BOOST_REQUIRE(cache.template layer<Cache>().statistics().weight <= 6000u);
    }
    std::size_t met = 0;
    cache.template layer<Cache>().for_each([&](auto key, auto value) {
        ++met;
        BOOST_REQUIRE(model.at(std::string{key}) == value);
    });
    BOOST_REQUIRE(met == *cache.size());
    return failed;
}

template <class Eviction, class Threads = OneThread> void fail_everywhere(std::size_t most = 40)
{
    long n = 0;
    while (fails_at<Eviction, Threads>(n, most)) ++n;
    BOOST_TEST(n > 20);
}

} // namespace

BOOST_AUTO_TEST_CASE(default_eviction) { fail_everywhere<AdaptiveS3Fifo>(); }

BOOST_AUTO_TEST_CASE(with_ghosts) { fail_everywhere<S3Fifo>(); }

BOOST_AUTO_TEST_CASE(with_a_sketch) { fail_everywhere<TinyLfu>(); }

BOOST_AUTO_TEST_CASE(with_priorities) { fail_everywhere<Lfu>(); }

BOOST_AUTO_TEST_CASE(one_shard) { fail_everywhere<AdaptiveS3Fifo, Sharded>(); }

BOOST_AUTO_TEST_CASE(many_shards) { fail_everywhere<AdaptiveS3Fifo, Sharded>(0); }

BOOST_AUTO_TEST_CASE(many_shards_whose_hits_move_entries) { fail_everywhere<Lru, Sharded>(0); }
