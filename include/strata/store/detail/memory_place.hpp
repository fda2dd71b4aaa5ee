#pragma once

#include <strata/eviction/eviction.hpp>

#include <boost/config.hpp>

#include <utility>

/// What must be done to a place of a `Memory` at the end of a scope, whatever happens before. Inlined by force: a call,
/// though only on the way of an exception, would keep slots in memory.
namespace strata::detail {

/// A place that is taken and empty, and released if nothing comes there.
template <class Nodes> class empty_place {
public:
    explicit empty_place(Nodes& from, slot_number slot = no_slot) noexcept : from_{from}, slot_{slot} {}
    empty_place(empty_place const&) = delete;
    empty_place& operator=(empty_place const&) = delete;
    BOOST_FORCEINLINE ~empty_place() { become(no_slot); }

    BOOST_FORCEINLINE void become(slot_number slot) noexcept
    {
        if (slot_ != no_slot) [[unlikely]] from_.release(slot_);
        slot_ = slot;
    }
    [[nodiscard]] slot_number slot() const noexcept { return slot_; }
    /// From now on it is the caller's.
    [[nodiscard]] slot_number leave() noexcept { return std::exchange(slot_, no_slot); }

private:
    Nodes& from_;
    slot_number slot_;
};

/// An entry that is to be destroyed. Its place stays taken.
template <class Nodes> class parting_entry {
public:
    parting_entry(Nodes& from, slot_number slot) noexcept : from_{from}, slot_{slot} {}
    parting_entry(parting_entry const&) = delete;
    parting_entry& operator=(parting_entry const&) = delete;
    BOOST_FORCEINLINE ~parting_entry() { from_.destroy(slot_); }

private:
    Nodes& from_;
    slot_number slot_;
};

} // namespace strata::detail
