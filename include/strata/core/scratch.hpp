#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

/// Buffers that an operation borrows from its thread, so that steady state allocates nothing.
namespace strata::detail {

/// A cleared buffer for the life of this object. They nest: what user code does in the middle of an operation gets
/// another one. A buffer that has grown beyond `keep` bytes (1 MiB, or what it says itself) is given back to the
/// system.
template <class Buffer> class scratch {
public:
    static constexpr std::size_t keep = [] {
        if constexpr (requires { Buffer::keep; }) {
            return Buffer::keep;
        } else {
            return std::size_t{1} << 20;
        }
    }();

    scratch() : pool_{pool()}, buffer_{pool_.depth < slots ? pool_.buffers[pool_.depth] : own_}
    {
        ++pool_.depth;
        buffer_.clear();
    }

    ~scratch()
    {
        --pool_.depth;
        if (buffer_.capacity() > keep) {
            Buffer empty;
            std::swap(buffer_, empty); // an assignment of an empty string would keep the memory
        }
    }

    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;

    [[nodiscard]] Buffer& operator*() noexcept { return buffer_; }

    [[nodiscard]] std::string_view view() const noexcept
    {
        return {reinterpret_cast<char const*>(buffer_.data()), buffer_.size()};
    }

private:
    static constexpr std::size_t slots = 4;

    struct buffers_of_thread {
        Buffer buffers[slots];
        std::size_t depth = 0;
    };

    static buffers_of_thread& pool()
    {
        thread_local buffers_of_thread instance;
        return instance;
    }

    buffers_of_thread& pool_; ///< Found once: the way to it is guarded.
    Buffer own_;
    Buffer& buffer_;
};

} // namespace strata::detail
