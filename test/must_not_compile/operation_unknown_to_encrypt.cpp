// must say: strata: this layer changes keys, values or lifetimes, and has no hook for all that this operation carries of them
#include <strata/encrypt.hpp>
#include <strata/strata.hpp>

#include <string>

/// A new operation, with values of a new kind, which must not pass `Encrypt` in clear.
struct appended {
    static constexpr strata::aspect concerns = strata::aspect::value;
};
struct append : strata::carries<strata::part::keys, appended> {};

int main()
{
    using encrypted = strata::Encrypt<strata::ChaCha20>;
    strata::stack<strata::Null>::with<encrypted> s{encrypted{.secret = std::string(32, 's')}};
    strata::single_key const keys{strata::key_view{std::string_view{"key"}}};
    strata::lookup<void> result;
    strata::detail::collect<void> sink{&result};
#ifdef GOOD
    s.run(strata::make_request<strata::op::erase>(keys, sink));
#else
    s.run(strata::make_request<append>(keys, sink));
#endif
}
