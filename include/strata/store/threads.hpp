#pragma once

/// How many threads may use a `Memory` at once: its fourth argument.
namespace strata {

/// One, or several under a `Lock`: operations execute no lock and no atomic instruction.
struct OneThread {};

/// Many. The entries are spread over shards by the hash of their key; each shard is changed by one thread at a time.
/// With an eviction whose hits only set bits (all but `Lru`, `Lfu` and `TinyLfu`), a hit takes no lock: the reader
/// marks a cache line of its own, and who changes a shard waits for those that read in it. In a shard that has not been
/// changed for some thousand reads it executes no atomic read-modify-write instruction and no fence either; the next
/// change then costs some microseconds more (Linux; membarrier(2)). Of more than 128 threads that read, the others take
/// a lock. So do readers in another part of the program than that which made the store, if they were brought together
/// with dlopen(3).
///
/// Locks are held for some tens of nanoseconds, or as long as the user's functions take. Who waits for one spins, then
/// yields, then sleeps for up to a millisecond at a time.
///
/// A filter of system calls that forbids membarrier must be there before the first store of this kind is read; one that
/// comes later ends the process. As with any lock, a child of `fork` must not use a store that other threads were using
/// then.
///
/// The bounds hold for all shards together, so one that is asked for more may hold more; they may be exceeded by one
/// entry for each thread for the time of a `put`.
struct Sharded {};

} // namespace strata
