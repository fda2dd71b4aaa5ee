#pragma once

#include <strata/store/detail/redis_reply.hpp>
#include <strata/store/detail/redis_request.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace strata::detail::redis {

/// Replies kept as they came, for the thread that asked.
class recording final : public reply_handler {
public:
    bool take(reply_part const& part) override
    {
        entry const kept{part.kind, part.depth, part.index, part.number, part.text.size()};
        char* const at = bytes_.reserve(sizeof kept + part.text.size());
        std::memcpy(at, &kept, sizeof kept);
        bytes_.commit(write(at + sizeof kept, part.text));
        return true;
    }

    /// Hands everything on; false as soon as `to` refuses a part.
    [[nodiscard]] bool replay(reply_handler& to) const
    {
        std::string_view rest = bytes_.view();
        while (!rest.empty()) {
            entry kept;
            std::memcpy(&kept, rest.data(), sizeof kept);
            rest.remove_prefix(sizeof kept);
            if (!to.take({kept.kind, kept.depth, kept.index, rest.substr(0, kept.size), kept.number})) return false;
            rest.remove_prefix(kept.size);
        }
        return true;
    }

    void clear() noexcept { bytes_.clear(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return bytes_.capacity(); }
    friend void swap(recording& a, recording& b) noexcept { std::swap(a.bytes_, b.bytes_); }

private:
    struct entry {
        reply_kind kind;
        unsigned depth;
        std::size_t index;
        long long number;
        std::size_t size;
    };

    send_buffer bytes_;
};

} // namespace strata::detail::redis
