#include "support/policies.hpp"
#include "support/redis_server.hpp"

#include <strata/redis.hpp>

int main(int argc, char** argv)
{
    test::redis_server server;
    return bench::compare_main(
        argc, argv, [&](std::size_t) { return strata::Redis{.path = server.path()}; },
        [&] { static_cast<void>(server.ask({"FLUSHALL"})); });
}
