#define BOOST_TEST_MODULE cipher_padding
#include <boost/test/unit_test.hpp>

#include <strata/cipher/padding.hpp>

#include <cstddef>
#include <set>

/// The lengths that follow from the definition: the mantissa of a length has no more bits than its exponent needs.
BOOST_AUTO_TEST_CASE(known_lengths)
{
    using strata::padme;
    static_assert(padme(0) == 0 && padme(1) == 1 && padme(2) == 2 && padme(3) == 3 && padme(7) == 7);
    static_assert(padme(8) == 8 && padme(9) == 10 && padme(10) == 10 && padme(15) == 16 && padme(17) == 18);
    static_assert(padme(100) == 104 && padme(1000) == 1024 && padme(1025) == 1088 && padme(1'000'000) == 1'015'808);
}

BOOST_AUTO_TEST_CASE(grows_little_and_never_shrinks)
{
    std::set<std::size_t> lengths;
    std::size_t before = 0;
    for (std::size_t n = 0; n < 300'000; ++n) {
        std::size_t const padded = strata::padme(n);
        BOOST_REQUIRE(padded >= n && padded >= before && strata::padme(padded) == padded);
        BOOST_REQUIRE(padded - n <= n * 12 / 100 + 1);
        lengths.insert(padded);
        before = padded;
    }
    BOOST_CHECK_LT(lengths.size(), 350u);
}
