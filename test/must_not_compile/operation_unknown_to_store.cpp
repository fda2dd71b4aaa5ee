// must say: strata: the store beneath does not know this operation
// must say: increment
#include <strata/strata.hpp>

struct increment : strata::carries<strata::part::keys> {};

#ifdef GOOD
using operation = strata::op::erase;
#else
using operation = increment;
#endif

void send(strata::stack<strata::Memory<>>::with<strata::Prefix>::with<strata::Lock<>>& s, strata::lookup<void>& result)
{
    strata::single_key const keys{strata::key_view{std::string_view{"key"}}};
    strata::detail::collect<void> sink{&result};
    s.run(strata::make_request<operation>(keys, sink));
}
