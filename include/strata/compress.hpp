#pragma once

/// Compression of values, on libzstd and liblz4. A program that links only one of them includes
/// `strata/layer/compress.hpp` and the header of that codec instead.

#include <strata/codec/lz4.hpp>
#include <strata/codec/zstd.hpp>
#include <strata/layer/compress.hpp>
