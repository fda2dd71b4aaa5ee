/// An eviction of one's own, for `Memory`.

#include <strata/strata.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata;

namespace {

// snippet
/// Evicts what came last: the first entries are there to stay.
struct Newest {
    class order {
    public:
        static constexpr bool shared_hits = true; // `used` changes nothing

        void reserve(std::size_t slots) { stack_.reserve(slots); }
        void inserted(slot_number slot, std::uint64_t) noexcept { stack_.push_back(slot); }
        void used(slot_number, std::uint64_t) noexcept {}
        void removed(slot_number slot) noexcept { std::erase(stack_, slot); }
        slot_number evict(auto const&) noexcept
        {
            auto const slot = stack_.back();
            stack_.pop_back();
            return slot;
        }
        void clear() noexcept { stack_.clear(); }
        [[nodiscard]] std::size_t memory() const noexcept { return stack_.capacity() * sizeof(slot_number); }

    private:
        std::vector<slot_number> stack_;
    };
};

using Founders = Memory<int, int, Newest>;
stack<Founders> founders{Founders{.max_entries = 3}};
// end of snippet

} // namespace

int main()
{
    for (int i = 0; i < 10; ++i) {
        if (!founders.put(i, i * i)) return 1;
    }
    static_assert(decltype(founders)::describe() == "Memory");
    bool const right = founders.contains(0) && founders.contains(1) && founders.contains(9) && *founders.size() == 3;
    return right ? 0 : 1;
}
