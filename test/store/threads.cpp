#define BOOST_TEST_MODULE store_threads
#include <boost/test/unit_test.hpp>

#include <strata/strata.hpp>

#include <strata/eviction/detail/random_bits.hpp>

#include <atomic>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace strata;
using namespace std::chrono_literals;

namespace {

using detail::readers_lock;

template <class Eviction> using Shared = Memory<std::string, std::string, Eviction, Sharded>;

template <class F> void in_threads(int count, F&& f)
{
    std::vector<std::thread> all;
    for (int t = 0; t < count; ++t) all.emplace_back([&f, t] { f(t); });
    for (auto& thread : all) thread.join();
}

/// Reads until readers need no fence any more, where the kernel has what that needs.
void let_it_open(readers_lock& lock)
{
    for (int i = 0; i < 1000000; ++i) readers_lock::reader const reading{lock};
}

/// Readers see whole values of their key while others put, erase, clear, resize and go through all entries.
template <class Eviction> void hits_meanwhile()
{
    using Cache = Shared<Eviction>;
    stack<Cache> cache{Cache{.max_entries = 1000}};
    std::atomic<int> wrong{0};
    std::atomic<int> hits{0};
    std::atomic<bool> done{false};
    auto const value_of = [](std::string const& key, std::size_t n) {
        std::string value;
        while (n-- > 0) value += key;
        return value;
    };
    std::thread writer{[&] {
        detail::random_bits random{1};
        for (int i = 0; i < 6000; ++i) {
            auto const key = std::to_string(random.below(1200));
            switch (random.below(40)) {
            case 0: static_cast<void>(cache.erase(key)); break;
            case 1: cache.template layer<Cache>().resize(500 + random.below(1000)); break;
            case 2: static_cast<void>(cache.touch(key, 1h)); break;
            case 3: cache.template layer<Cache>().for_each([&](auto k, auto v) {
                if (!v.starts_with(k)) ++wrong;
            });
                break;
            case 4:
                if (random.below(5) == 0) static_cast<void>(cache.clear());
                break;
            default: static_cast<void>(cache.put(key, value_of(key, 1 + random.below(40))));
            }
        }
        done = true;
    }};
    in_threads(2, [&](int t) {
        detail::random_bits random{static_cast<std::uint64_t>(t) + 7};
        do {
            for (int i = 0; i < 1000; ++i) {
                auto const key = std::to_string(random.below(1200));
                auto const found = cache.visit(key, [&](std::string_view value) {
                    if (value.size() % key.size() != 0 || !value.starts_with(key) || !value.ends_with(key)) ++wrong;
                });
                if (found) ++hits;
            }
        } while (!done || hits == 0);
    });
    writer.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(*cache.size() <= 1500u);
}

/// `read(write)` reads under the lock, and calls `write()` meanwhile: the writer that this starts must not be let in
/// before `read` ends.
template <class F> void check_that_a_writer_waits(readers_lock& lock, F&& read)
{
    std::atomic<bool> changed{false};
    std::latch started{1};
    std::thread writer;
    read([&] {
        writer = std::thread{[&] {
            started.count_down();
            readers_lock::writer const changing{lock};
            changed = true;
        }};
        started.wait();
        for (int i = 0; i < 1000; ++i) std::this_thread::yield();
        BOOST_TEST(!changed);
    });
    writer.join();
    BOOST_TEST(changed);
}

} // namespace

BOOST_AUTO_TEST_CASE(default_hits_meanwhile) { hits_meanwhile<AdaptiveS3Fifo>(); }
BOOST_AUTO_TEST_CASE(s3_fifo_hits_meanwhile) { hits_meanwhile<S3Fifo>(); }
BOOST_AUTO_TEST_CASE(sieve_hits_meanwhile) { hits_meanwhile<Sieve>(); }
BOOST_AUTO_TEST_CASE(fifo_hits_meanwhile) { hits_meanwhile<Fifo>(); }
BOOST_AUTO_TEST_CASE(random_hits_meanwhile) { hits_meanwhile<Random>(); }
BOOST_AUTO_TEST_CASE(lru_hits_meanwhile) { hits_meanwhile<Lru>(); }
BOOST_AUTO_TEST_CASE(lfu_hits_meanwhile) { hits_meanwhile<Lfu>(); }
BOOST_AUTO_TEST_CASE(tiny_lfu_hits_meanwhile) { hits_meanwhile<TinyLfu>(); }

/// Plain data under the lock: what the thread sanitizer says of it is the proof.
BOOST_AUTO_TEST_CASE(readers_see_what_a_writer_has_finished)
{
    readers_lock lock;
    long a = 0;
    long b = 0;
    std::atomic<int> torn{0};
    for (int round = 0; round < 20; ++round) {
        in_threads(3, [&](int t) {
            for (int i = 0; i < 6000; ++i) {
                if (t == 0 && i % 3000 == 2999) {
                    readers_lock::writer const changing{lock};
                    ++a;
                    b = -a;
                } else {
                    readers_lock::reader const reading{lock};
                    if (a + b != 0) ++torn;
                }
            }
        });
    }
    BOOST_TEST(torn == 0);
    BOOST_TEST(a == 40);
}

BOOST_AUTO_TEST_CASE(a_writer_waits_for_what_is_lent)
{
    for (bool const quiet : {false, true}) {
        readers_lock lock;
        if (quiet) let_it_open(lock);
        check_that_a_writer_waits(lock, [&](auto const& write) {
            readers_lock::reader const reading{lock};
            write();
        });
    }
}

/// Its thread's line names another lock already.
BOOST_AUTO_TEST_CASE(a_reader_without_a_line_keeps_writers_out_and_readers_in)
{
    for (bool const quiet : {false, true}) {
        readers_lock other;
        readers_lock lock;
        if (quiet) let_it_open(lock);
        check_that_a_writer_waits(lock, [&](auto const& write) {
            readers_lock::reader const elsewhere{other};
            readers_lock::reader const reading{lock};
            in_threads(2, [&](int) { readers_lock::reader const meanwhile{lock}; });
            write();
        });
    }
}

/// As where the store was made by another part of the program, which has lines of its own.
BOOST_AUTO_TEST_CASE(a_writer_waits_for_readers_whose_lines_it_does_not_see)
{
    static detail::reader_lines const others;
    readers_lock lock{others};
    for (int i = 0; i < 100000; ++i) readers_lock::reader const reading{lock}; // it must not be opened to these
    check_that_a_writer_waits(lock, [&](auto const& write) {
        readers_lock::reader const reading{lock};
        write();
    });
}

/// Writers, readers with a line and readers without one at the same shard, which is quiet for a while now and then.
BOOST_AUTO_TEST_CASE(all_kinds_at_once)
{
    readers_lock other;
    readers_lock lock;
    long a = 0;
    long b = 0;
    std::atomic<int> torn{0};
    in_threads(4, [&](int t) {
        for (int i = 0; i < 30000; ++i) {
            if (t == 0 && (i % 5000 < 500 ? i % 5 : i % 5000) == 0) {
                readers_lock::writer const changing{lock};
                ++a;
                b = -a;
            } else if (t == 1 && i % 10 == 0) {
                readers_lock::reader const elsewhere{other};
                readers_lock::reader const without_line{lock};
                if (a + b != 0) ++torn;
            } else {
                readers_lock::reader const reading{lock};
                if (a + b != 0) ++torn;
            }
        }
    });
    BOOST_TEST(torn == 0);
    BOOST_TEST(a == 600);
}

/// More at the same time than there are lines, and far more one after the other.
BOOST_AUTO_TEST_CASE(any_number_of_threads)
{
    using Cache = Shared<AdaptiveS3Fifo>;
    stack<Cache> cache;
    BOOST_REQUIRE(cache.put("key", "value"));
    std::atomic<int> hits{0};
    constexpr int many = static_cast<int>(detail::reader_lines::most) + 20;
    std::latch all_lent{many};
    in_threads(many, [&](int) {
        if (cache.get("key")) ++hits;
        all_lent.arrive_and_wait(); // until then nobody gives a line back
        if (cache.get("key")) ++hits;
    });
    BOOST_TEST(hits == 2 * many);
    for (int round = 0; round < 3; ++round) {
        in_threads(many, [&](int t) {
            if (cache.get("key")) ++hits;
            if (t % 50 == 0 && !cache.put("key", "value")) --hits;
        });
    }
    BOOST_TEST(hits == 5 * many);
}

BOOST_AUTO_TEST_CASE(a_visit_may_use_another_store)
{
    using Cache = Shared<AdaptiveS3Fifo>;
    stack<Cache> outer;
    stack<Cache> inner;
    BOOST_REQUIRE(outer.put("key", "to"));
    BOOST_REQUIRE(inner.put("to", "value"));
    std::string seen;
    BOOST_TEST(outer.visit("key", [&](std::string_view to) {
        BOOST_REQUIRE(inner.put("more", "value"));
        seen = inner.get(to).value();
    }).hit());
    BOOST_TEST(seen == "value");
    BOOST_TEST(outer.put("key", "other").error() == std::error_code{}); // the line was given back
}

/// A thread that is ending has given its line back, and still may read.
BOOST_AUTO_TEST_CASE(destructors_of_thread_locals_may_read)
{
    static stack<Shared<AdaptiveS3Fifo>> cache;
    static std::atomic<int> hits{0};
    BOOST_REQUIRE(cache.put("key", "value"));
    struct late {
        ~late()
        {
            if (cache.get("key")) ++hits;
        }
    };
    for (int i = 0; i < 200; ++i) {
        std::thread{[] {
            static thread_local late const reads_at_the_end; // made before the line, so that it goes after it
            static_cast<void>(&reads_at_the_end);
            if (cache.get("key")) ++hits;
        }}.join();
    }
    BOOST_TEST(hits == 400);
}
