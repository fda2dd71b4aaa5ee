#define BOOST_TEST_MODULE eviction_eviction
#include <boost/test/unit_test.hpp>

#include <strata/core/stack.hpp>
#include <strata/eviction/adaptive_s3_fifo.hpp>
#include <strata/eviction/detail/random_bits.hpp>
#include <strata/eviction/eviction.hpp>
#include <strata/eviction/fifo.hpp>
#include <strata/eviction/lfu.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/eviction/random.hpp>
#include <strata/eviction/s3_fifo.hpp>
#include <strata/eviction/sieve.hpp>
#include <strata/eviction/tiny_lfu.hpp>
#include <strata/store/memory.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <utility>

using namespace strata;

namespace {

static_assert(eviction<AdaptiveS3Fifo> && eviction<Fifo> && eviction<Lfu> && eviction<Lru> && eviction<Random> &&
              eviction<S3Fifo> && eviction<Sieve> && eviction<TinyLfu>);

struct calls {
    int wrong = 0;
    int insertions = 0;
    int uses = 0;
    int removals = 0;
    int evictions = 0;
};

/// An order that takes the store at its word: what eviction.hpp says of the calls is checked at each of them.
struct Strict {
    class order {
    public:
        static constexpr bool shared_hits = false;

        void reserve(std::size_t slots) { reserved_ = std::max(reserved_, slots); }
        void inserted(slot_number slot, std::uint64_t hash) noexcept
        {
            check(slot < reserved_ && !hashes_.contains(slot) && !kept_.contains(slot));
            hashes_[slot] = hash;
            ++seen.insertions;
        }
        void used(slot_number slot, std::uint64_t hash) noexcept
        {
            check(there(slot) && hashes_[slot] == hash);
            ++seen.uses;
        }
        void removed(slot_number slot) noexcept
        {
            check(there(slot));
            hashes_.erase(slot);
            ++seen.removals;
        }
        slot_number evict(auto const& hash_of) noexcept
        {
            check(!hashes_.empty());
            for (auto const& [slot, hash] : hashes_) check(hash_of(slot) == hash);
            auto const slot = hashes_.begin()->first;
            hashes_.erase(slot);
            ++seen.evictions;
            return slot;
        }
        void clear() noexcept
        {
            hashes_.clear();
            kept_.clear();
            reserved_ = 0;
        }
        [[nodiscard]] std::size_t memory() const noexcept { return 0; }

        static inline calls seen;

    private:
        static void check(bool right) noexcept { seen.wrong += right ? 0 : 1; }
        [[nodiscard]] bool there(slot_number slot) const noexcept { return hashes_.contains(slot); }

        std::map<slot_number, std::uint64_t> hashes_;
        std::size_t reserved_ = 0;

    protected:
        std::set<slot_number> kept_;
    };
};

/// The same, but it keeps the slots of removed entries until there are twenty.
struct StrictKeeper {
    class order : public Strict::order {
    public:
        void removed(slot_number slot) noexcept
        {
            Strict::order::removed(slot);
            kept_.insert(slot);
        }
        void give_back(auto const& f) noexcept
        {
            if (kept_.size() < 20) return;
            for (auto const slot : std::exchange(kept_, {})) f(slot);
        }
    };
};

struct complete {
    static constexpr bool shared_hits = true;
    void reserve(std::size_t);
    void inserted(slot_number, std::uint64_t);
    void used(slot_number, std::uint64_t);
    void removed(slot_number);
    slot_number evict(auto const&);
    void clear();
    std::size_t memory() const;
};
template <class Order> struct of {
    using order = Order;
};

// What is private is missing.
struct without_flag : complete {
private:
    using complete::shared_hits;
};
struct without_reserve : complete {
private:
    using complete::reserve;
};
struct without_inserted : complete {
private:
    using complete::inserted;
};
struct without_used : complete {
private:
    using complete::used;
};
struct without_removed : complete {
private:
    using complete::removed;
};
struct without_clear : complete {
private:
    using complete::clear;
};
struct without_memory : complete {
private:
    using complete::memory;
};
struct evicts_nothing : complete {
    void evict(auto const&);
};

static_assert(eviction<of<complete>>);
static_assert(!eviction<of<without_flag>>);
static_assert(!eviction<of<without_reserve>>);
static_assert(!eviction<of<without_inserted>>);
static_assert(!eviction<of<without_used>>);
static_assert(!eviction<of<without_removed>>);
static_assert(!eviction<of<without_clear>>);
static_assert(!eviction<of<without_memory>>);
static_assert(!eviction<of<evicts_nothing>>);
static_assert(!eviction<complete>);

template <class Eviction> void call_everything()
{
    using Cache = Memory<int, int, Eviction>;
    ManualClock clock;
    stack<Cache> cache{Cache{.max_entries = 300, .max_bytes = 10000, .clock = clock}};
    detail::random_bits random{1};
    for (int i = 0; i < 20000; ++i) {
        auto const key = static_cast<int>(random.below(600));
        switch (random.below(20)) {
        case 0: static_cast<void>(cache.erase(key)); break;
        case 1: static_cast<void>(cache.put(key, i, std::chrono::milliseconds{1 + random.below(50)})); break;
        case 2: clock.advance(std::chrono::milliseconds{random.below(10)}); break;
        case 3: static_cast<void>(cache.touch(key, std::chrono::milliseconds{1 + random.below(50)})); break;
        case 4:
            if (random.below(100) == 0) static_cast<void>(cache.clear());
            break;
        case 5:
            if (random.below(50) == 0) cache.template layer<Cache>().resize(200 + random.below(200), 10000);
            break;
        case 6:
        case 7:
        case 8: static_cast<void>(cache.put(key, i)); break;
        default: static_cast<void>(cache.get(key));
        }
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_store_keeps_to_what_is_said_of_the_calls)
{
    auto const& seen = Strict::order::seen;
    call_everything<Strict>();
    BOOST_TEST(seen.wrong == 0);
    BOOST_TEST(seen.insertions > 1000);
    BOOST_TEST(seen.uses > 1000);
    BOOST_TEST(seen.removals > 100);
    BOOST_TEST(seen.evictions > 100);
}

BOOST_AUTO_TEST_CASE(a_store_does_not_use_a_slot_before_it_has_it_back)
{
    auto const& seen = Strict::order::seen;
    auto const before = seen.removals;
    call_everything<StrictKeeper>();
    BOOST_TEST(seen.wrong == 0);
    BOOST_TEST(seen.removals > before + 100);
}
