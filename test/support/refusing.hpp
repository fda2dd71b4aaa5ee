#pragma once

#include <new>
#include <string>

namespace test {

/// Text that cannot be assigned.
struct refusing : std::string {
    refusing() = default;
    template <class It> void assign(It, It) { throw std::bad_alloc{}; }
};

} // namespace test
