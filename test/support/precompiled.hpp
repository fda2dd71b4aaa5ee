#pragma once

// not <boost/test/unit_test.hpp>: that one must see each program's BOOST_TEST_MODULE

#include <strata/strata.hpp>

#include <boost/test/test_tools.hpp>
#include <boost/test/tree/test_unit.hpp>
