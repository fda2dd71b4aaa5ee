#pragma once

/// How many threads may use a `Memory` at once: its fourth argument.
namespace strata {

/// One, or several under a `Lock`: no lock and no atomic instruction.
struct OneThread {};

/// Many. The entries are spread over shards by the hash of their key; each shard is changed by one thread at a time. A hit
/// takes no lock with an eviction whose hits only set bits (all but `Lru`, `Lfu` and `TinyLfu`): the reader marks a cache
/// line of its own, and who changes a shard waits for those that read in it. The bounds hold for all shards together, so one
/// that is asked for more may hold more; they may be exceeded by one entry for each thread for the time of a `put`.
struct Sharded {};

} // namespace strata
