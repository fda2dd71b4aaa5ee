#pragma once

#include <strata/core/key.hpp>
#include <strata/store/detail/sha256.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace strata::detail {

/// A key as memcached holds it: 1 to 250 bytes, of any value in the binary protocol.
///
/// A key of ours that is 1 to 250 bytes long and does not begin with `mark` goes as it is. Else, if it is shorter than
/// 250 bytes (it is empty, or begins with `mark`), one `mark` goes in front of it. Else it is `mark`, `'\x01'` and its
/// SHA-256. The three forms never meet: the first does not begin with `mark`; the second is `mark` alone or begins with
/// two; the third has another byte there. Within the first two, different keys differ, and within the third they do as
/// long as nobody finds a collision of SHA-256.
class memcached_key {
public:
    static constexpr std::size_t max_size = 250;
    static constexpr char mark = '\0';

    template <class Key> explicit memcached_key(Key const& key) noexcept
    {
        std::size_t const size = key.size();
        if (size - 1 < max_size) {
            key.copy_to(bytes_.data() + 1);
            if (bytes_[1] != mark) {
                begin_ = 1;
                size_ = size;
                return;
            }
        }
        bytes_[0] = mark;
        if (size < max_size) {
            size_ = size + 1;
            return;
        }
        sha256 hash;
        key.for_each([&](std::string_view piece) { hash.update(piece); });
        auto const digest = hash.digest();
        bytes_[1] = '\x01';
        std::memcpy(bytes_.data() + 2, digest.data(), digest.size());
        size_ = 2 + digest.size();
    }

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data() + begin_, size_}; }

private:
    std::array<char, max_size + 1> bytes_;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
};

} // namespace strata::detail
