/// Customer data in a shared Redis: `example.sessions SECRET`, with a server on the usual port.

#include <strata/encrypt.hpp>
#include <strata/redis.hpp>

#include <iostream>

using namespace strata;
using namespace std::chrono_literals;

namespace {

void use(std::string const& token) { std::cout << token << '\n'; }

void run(std::string const& secret)
{
    // snippet
    using Sessions = stack<Redis>::with<Encrypt<ChaCha20>>::with<Prefix>::with<Stats>;

    Sessions sessions{Redis{.host = "127.0.0.1", .port = 6379, .ttl = 10min},
                      Encrypt<ChaCha20>{.secret = secret},
                      Prefix{"session."}};

    sessions.put("alice", "token");
    if (auto found = sessions.get("alice")) use(*found);
    double rate = sessions.layer<Stats>().hit_rate();
    // end of snippet

    std::cout << sessions.describe() << ": hit rate " << rate << '\n';
}

} // namespace

int main(int argc, char** argv)
{
    if (argc > 1) run(argv[1]);
}
