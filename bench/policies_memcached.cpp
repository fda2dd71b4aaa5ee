#include "support/policies.hpp"
#include "support/memcached_server.hpp"

#include <strata/memcached.hpp>

int main(int argc, char** argv)
{
    test::memcached_server server{test::memcached_server::by::path};
    return bench::compare_main(
        argc, argv, [&](std::size_t) { return strata::Memcached{.servers = {server.address()}}; },
        [&] { static_cast<void>(server.ask("flush_all", "OK")); });
}
