#pragma once

#include <strata/cipher/detail/botan.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

namespace strata {

/// Random bytes for nonces: the operating system's, fetched a kilobyte at a time. A child process never uses bytes
/// that were fetched before the fork: the buffer lies on a page that the kernel clears in the child (Linux), or the
/// number of the process is asked at each use. For one thread.
///
/// Nothing in a process can notice that its virtual machine was cloned or set back while it ran: up to a buffer of
/// bytes can then come twice. `AesSiv` is for such places.
class nonce_buffer {
public:
    /// How a fork is noticed; `automatic` takes the page where the kernel can do it.
    enum class fork_check { automatic, process_id };

    explicit nonce_buffer(fork_check check = fork_check::automatic)
    {
        void* const page =
            ::mmap(nullptr, sizeof(contents), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throw std::bad_alloc{};
        contents_ = new (page) contents;
#ifdef MADV_WIPEONFORK
        wiped_on_fork_ = check == fork_check::automatic && ::madvise(page, sizeof(contents), MADV_WIPEONFORK) == 0;
#endif
    }
    nonce_buffer(nonce_buffer const&) = delete;
    nonce_buffer& operator=(nonce_buffer const&) = delete;
    ~nonce_buffer() { ::munmap(contents_, sizeof(contents)); }

    /// Fills `out` with bytes that no other call gets. Throws what Botan throws where the system has no randomness.
    void fill(std::span<std::uint8_t> out)
    {
        while (!out.empty()) {
            if (contents_->left == 0 || (!wiped_on_fork_ && contents_->process != ::getpid())) refill();
            std::size_t const n = std::min(contents_->left, out.size());
            std::memcpy(out.data(), contents_->bytes + sizeof contents_->bytes - contents_->left, n);
            contents_->left -= n;
            out = out.subspan(n);
        }
    }

private:
    /// A cleared page says that nothing is left.
    struct contents {
        std::size_t left = 0;
        ::pid_t process = 0;
        std::uint8_t bytes[1024];
    };

    void refill()
    {
        contents_->left = 0;
        detail::botan::random(contents_->bytes);
        contents_->process = ::getpid();
        contents_->left = sizeof contents_->bytes;
    }

    contents* contents_;
    bool wiped_on_fork_ = false;
};

/// Fills `out` from the buffer of this thread. Safe from many threads, and across `fork`.
inline void fill_nonce(std::span<std::uint8_t> out)
{
    thread_local nonce_buffer buffer;
    buffer.fill(out);
}

} // namespace strata
