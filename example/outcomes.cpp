/// The three outcomes of a question.

#include <strata/strata.hpp>

#include <iostream>

namespace {

void use(std::string const& token) { std::cout << token << '\n'; }
void log(std::string const& what, std::string_view server) { std::cerr << what << ' ' << server << '\n'; }
std::string compute() { return "token"; }

} // namespace

int main()
{
    using namespace strata;
    stack cache{Memory<>{}, Prefix{"session."}};

    // snippet
    auto found = cache.get("alice");
    if (found) {
        use(*found);
    } else if (found.failed()) {
        log(found.error().message(), found.error_text()); // such as errc::timed_out
    }
    std::string token = cache.get_or("alice", [] { return compute(); }); // works with the store down, too
    // end of snippet

    return token == "token" && cache.contains("alice") ? 0 : 1;
}
