#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <string_view>

namespace bench {

/// How far a long run is, on one line of stderr that is gone at the end; nothing where stderr is not a terminal.
class progress {
public:
    explicit progress(std::size_t steps) : steps_{steps} {}

    /// `what` begins, and all before it is done.
    void step(std::string_view what)
    {
        if (!shown_) return;
        std::fprintf(stderr, "\r\x1b[K%3zu %%  ", 100 * done_++ / steps_);
        std::fwrite(what.data(), 1, what.size(), stderr);
        std::fflush(stderr);
    }

    /// Takes the line away, for what is printed next.
    void clear() const
    {
        if (shown_) std::fputs("\r\x1b[K", stderr);
    }

    ~progress() { clear(); }
    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

private:
    std::size_t steps_;
    std::size_t done_ = 0;
    bool shown_ = ::isatty(STDERR_FILENO) != 0;
};

} // namespace bench
