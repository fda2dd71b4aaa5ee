#pragma once

/// The core stack with a store in a Redis server. Needs hiredis.

#include <strata/store/redis.hpp>
#include <strata/strata.hpp>
