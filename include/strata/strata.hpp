#pragma once

/// The core, the stores and the layers that need nothing but the standard library and Boost's headers.

#include <strata/core/stack.hpp>
#include <strata/eviction/adaptive_s3_fifo.hpp>
#include <strata/eviction/fifo.hpp>
#include <strata/eviction/lfu.hpp>
#include <strata/eviction/lru.hpp>
#include <strata/eviction/random.hpp>
#include <strata/eviction/s3_fifo.hpp>
#include <strata/eviction/sieve.hpp>
#include <strata/eviction/tiny_lfu.hpp>
#include <strata/format/binary.hpp>
#include <strata/format/msgpack.hpp>
#include <strata/format/raw.hpp>
#include <strata/layer/coalesce.hpp>
#include <strata/layer/fixed_prefix.hpp>
#include <strata/layer/lock.hpp>
#include <strata/layer/prefix.hpp>
#include <strata/layer/serialize.hpp>
#include <strata/layer/server_stats.hpp>
#include <strata/layer/stats.hpp>
#include <strata/memoize/macro.hpp>
#include <strata/memoize/memoize.hpp>
#include <strata/store/memory.hpp>
#include <strata/store/null.hpp>
