#pragma once

/// Encryption of keys and values, on Botan.

#include <strata/cipher/aes128_cbc.hpp>
#include <strata/cipher/aes256.hpp>
#include <strata/cipher/aes_siv.hpp>
#include <strata/cipher/chacha20.hpp>
#include <strata/cipher/salsa20.hpp>
#include <strata/layer/ctu_encrypt.hpp>
#include <strata/layer/encrypt.hpp>
