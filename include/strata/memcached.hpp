#pragma once

/// Memcached as a store. Needs libmemcached.

#include <strata/core/stack.hpp>
#include <strata/store/memcached.hpp>
