#pragma once

/// The core stack with a store in memcached servers. Needs libmemcached.

#include <strata/store/memcached.hpp>
#include <strata/strata.hpp>
