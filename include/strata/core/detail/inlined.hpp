#pragma once

/// On lambdas of the way of a hit in memory, after their parameters, where `BOOST_FORCEINLINE` cannot stand: called
/// once each they would be inlined, but a program that gets in several places would call them.
#define STRATA_INLINED __attribute__((always_inline))
