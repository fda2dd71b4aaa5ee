// must say: strata: Memory: keys are compared by == and hashed by std::hash, hash_value or a key_hash of their own
#include <strata/strata.hpp>

#include <cstddef>

struct Id {
    int number;

    friend bool operator==(Id const&, Id const&) = default;
#ifdef GOOD
    friend std::size_t hash_value(Id const& id) { return static_cast<std::size_t>(id.number); }
#endif
};

strata::Memory<Id, int> settings;
