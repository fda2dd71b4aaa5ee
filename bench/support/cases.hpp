#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// What a program can do again and again, by name. Run alone under callgrind, a case tells what it costs: the
/// difference of the counts of two numbers of times, divided by the difference of those (tools/instructions).
class cases {
public:
    struct one {
        std::string name;
        std::function<void(std::size_t times)> run;
    };

    /// `work(i)` is done for i from 0; the loop around it is compiled with it.
    template <class Work> void add(std::string name, Work work)
    {
        list_.push_back({std::move(name), [work = std::move(work)](std::size_t times) mutable {
                             for (std::size_t i = 0; i < times; ++i) work(i);
                         }});
    }

    [[nodiscard]] std::vector<one> const& all() const noexcept { return list_; }

    void print_names() const
    {
        for (one const& each : list_) std::puts(each.name.c_str());
    }

    /// Does one case so often. Throws `std::invalid_argument` where there is none of that name. Callgrind counts only
    /// what is done in here, so it has to be a function for it.
    [[gnu::noinline]] void run(std::string_view name, std::size_t times) const
    {
        for (one const& each : list_) {
            if (each.name == name) return each.run(times);
        }
        throw std::invalid_argument{"there is no case " + std::string{name} + "; --list names them"};
    }

private:
    std::vector<one> list_;
};

} // namespace bench
