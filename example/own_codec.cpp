/// A codec of one's own, for `Compress`.

#include <strata/layer/compress.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

using namespace strata;

namespace {

// snippet
/// Runs of one byte, as their length and the byte.
struct Runs {
    static constexpr fixed_string name{"Runs"};
    static constexpr unsigned char id = 128; // 1 to 127 are the library's
    static constexpr int default_level = 0;

    class coder {
    public:
        explicit coder(codec_settings const&) {} // has neither levels nor dictionaries

        std::size_t compress(std::string_view in, std::span<char> out) const
        {
            std::size_t size = 0;
            while (!in.empty()) {
                if (out.size() - size < 2) return 0; // would not shrink
                std::size_t const run = std::min({in.find_first_not_of(in[0]), in.size(), std::size_t{255}});
                out[size++] = static_cast<char>(run);
                out[size++] = in[0];
                in.remove_prefix(run);
            }
            return size;
        }

        bool decompress(std::string_view in, std::span<char> out) const
        {
            for (; in.size() >= 2; in.remove_prefix(2)) {
                auto const run = static_cast<unsigned char>(in[0]);
                if (out.size() < run) return false;
                std::fill_n(out.data(), run, in[1]);
                out = out.subspan(run);
            }
            return in.empty() && out.empty();
        }
    };

    static constexpr std::size_t most(std::size_t size) noexcept { return size / 2 * 255; }
};

stack<Memory<>>::with<Compress<Runs>> bitmaps;
// end of snippet

} // namespace

int main()
{
    static_assert(decltype(bitmaps)::describe() == "Memory | Compress<Runs>");
    std::string const bitmap = std::string(5000, '\0') + "\xff\x0f" + std::string(3000, '\xff');
    if (!bitmaps.put("monday", bitmap)) return 1;
    return bitmaps.get("monday").value() == bitmap ? 0 : 1;
}
