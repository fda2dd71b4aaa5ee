#pragma once

// What all test programs include. It stands for their own `BOOST_TEST_MODULE` and include of Boost.Test.

#include <strata/strata.hpp>

#define BOOST_TEST_MODULE strata
#include <boost/test/unit_test.hpp>
#undef BOOST_TEST_MODULE
