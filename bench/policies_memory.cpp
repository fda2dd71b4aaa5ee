#include "support/policies.hpp"

int main(int argc, char** argv)
{
    return bench::compare_main(
        argc, argv, [](std::size_t entries) { return strata::Memory<>{.max_entries = entries}; }, [] {});
}
