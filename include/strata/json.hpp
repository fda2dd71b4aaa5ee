#pragma once

/// JSON as the form in which a store holds values: `with<Serialize<Json>>`. It needs Boost.JSON.

#include <strata/format/json.hpp>
#include <strata/layer/serialize.hpp>
