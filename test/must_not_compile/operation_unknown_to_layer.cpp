// A new operation that carries a piece of a value: nothing may pass it that works on whole values.
// must say: strata: this layer changes keys, values or lifetimes, and has no hook for all that this operation carries
// must say: Reverse
#include <strata/strata.hpp>

#include <string>
#include <string_view>

struct piece_of_value {
    static constexpr strata::aspect concerns = strata::aspect::value;
};
#ifdef GOOD
struct append : strata::carries<strata::part::keys, strata::part::values_down> {};
#else
struct append : strata::carries<strata::part::keys, piece_of_value> {};
#endif

struct Reverse {
    template <class Next> struct on {
        strata::status encode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return {};
        }
        strata::lookup<void> decode(std::string_view in, std::string& out) const
        {
            out.assign(in.rbegin(), in.rend());
            return strata::hit;
        }
    };
};

struct Tape {
    class store {
    public:
        using key_type = strata::bytes;
        using value_type = strata::bytes;
        static constexpr bool concurrent = false;

        static strata::lifetime default_lifetime() { return strata::forever; }

        void run(strata::asks<append> auto const& r)
        {
            r.source(0, [&](std::string_view more) { tape_ += more; });
            r.sink.hit(0);
        }

    private:
        std::string tape_;
    };
};

void send(strata::stack<Tape>::with<Reverse>& s, strata::status& result)
{
    strata::single_key const keys{strata::key_view{std::string_view{"key"}}};
    strata::detail::confirm sink{&result};
    auto source = [](std::size_t, auto&& take) { take(std::string_view{"plain"}); };
    s.run(strata::make_request<append>(keys, sink, source, {}));
}
