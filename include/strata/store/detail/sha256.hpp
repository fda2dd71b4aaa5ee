#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace strata::detail {

/// SHA-256 (FIPS 180-4), for stores whose keys are shorter than ours: it needs no library. It names entries and keeps
/// no secret; `Encrypt` hashes keys with a key of its own, and with Botan.
class sha256 {
public:
    using digest_type = std::array<char, 32>;

    /// Takes in the next bytes of the message.
    void update(std::string_view bytes) noexcept
    {
        length_ += bytes.size();
        while (!bytes.empty()) {
            std::size_t const some = std::min(bytes.size(), block_.size() - filled_);
            std::memcpy(block_.data() + filled_, bytes.data(), some);
            bytes.remove_prefix(some);
            filled_ += some;
            if (filled_ == block_.size()) compress();
        }
    }

    /// The digest of all bytes taken in. The object is used up.
    [[nodiscard]] digest_type digest() noexcept
    {
        std::uint64_t const bits = length_ * 8;
        update({"\x80", 1});
        while (filled_ != block_.size() - sizeof bits) update({"\0", 1});
        char length[sizeof bits];
        for (std::size_t i = 0; i < sizeof bits; ++i) length[i] = static_cast<char>(bits >> (56 - 8 * i));
        update({length, sizeof length});

        digest_type result;
        for (std::size_t i = 0; i < result.size(); ++i) {
            result[i] = static_cast<char>(state_[i / 4] >> (24 - 8 * (i % 4)));
        }
        return result;
    }

private:
    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    static constexpr std::array<std::uint32_t, 64> rounds{
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    void compress() noexcept
    {
        std::array<std::uint32_t, 64> w;
        for (std::size_t i = 0; i < 16; ++i) {
            w[i] = 0;
            for (std::size_t j = 0; j < 4; ++j) w[i] = w[i] << 8 | static_cast<unsigned char>(block_[4 * i + j]);
        }
        for (std::size_t i = 16; i < 64; ++i) {
            std::uint32_t const s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            std::uint32_t const s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            std::uint32_t const s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            std::uint32_t const t1 = h + s1 + ((e & f) ^ (~e & g)) + rounds[i] + w[i];
            std::uint32_t const s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            std::uint32_t const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        std::array<std::uint32_t, 8> const sums{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) state_[i] += sums[i];
        filled_ = 0;
    }

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<char, 64> block_;
    std::size_t filled_ = 0;
    std::uint64_t length_ = 0;
};

} // namespace strata::detail
