/// A store of one's own: entries are files in a folder.

#include <strata/strata.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <stdlib.h>

using namespace strata;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// One file for each entry, named by its key in hexadecimal digits. The time of its last change is when the entry ends.
struct Folder {
    fs::path path;

    class store {
    public:
        using key_type = bytes;
        using value_type = bytes;
        static constexpr bool concurrent = false;

        explicit store(Folder policy) : path_{std::move(policy.path)}
        {
            if (!fs::is_directory(path_)) throw std::invalid_argument{"Folder.path: there is no such folder"};
        }

        [[nodiscard]] static lifetime default_lifetime() noexcept { return 10min; }

        void run(asks<op::get> auto const& r)
        {
            each(r, [&](std::size_t i, fs::path const& file) {
                std::ifstream in{file, std::ios::binary};
                std::string const value{std::istreambuf_iterator<char>{in}, {}};
                in ? r.sink.hit(i, std::string_view{value}) : r.sink.fail(i, std::errc::io_error);
            });
        }
        void run(asks<op::contains> auto const& r)
        {
            each(r, [&](std::size_t i, fs::path const&) { r.sink.hit(i); });
        }
        void run(asks<op::erase> auto const& r)
        {
            each(r, [&](std::size_t i, fs::path const& file) {
                std::error_code error;
                fs::remove(file, error) ? r.sink.hit(i) : r.sink.fail(i, error);
            });
        }
        void run(asks<op::put> auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                r.source(i, [&](std::string_view value) {
                    auto const file = file_of(r.keys[i]);
                    auto const ttl = r.ttl.or_else(default_lifetime());
                    auto const end = ttl.is_forever() ? fs::file_time_type::max()
                                                      : clock::now() + std::chrono::milliseconds{ttl.count()};
                    std::error_code error;
                    bool const written = (std::ofstream{file, std::ios::binary} << value).flush().good();
                    if (written) fs::last_write_time(file, end, error);
                    written && !error ? r.sink.hit(i) : r.sink.fail(i, std::errc::io_error);
                });
            }
        }

    private:
        [[nodiscard]] fs::path file_of(auto const& key) const
        {
            std::string name = "e"; // an empty key has a file, too
            key.for_each([&](std::string_view piece) {
                for (char const c : piece) {
                    auto const byte = static_cast<unsigned char>(c);
                    name += "0123456789abcdef"[byte >> 4];
                    name += "0123456789abcdef"[byte & 15];
                }
            });
            return path_ / name;
        }

        using clock = fs::file_time_type::clock;

        /// Calls `f` for each entry that is there and has not ended; the others are misses.
        template <class R, class F> void each(R const& r, F&& f)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                auto const file = file_of(r.keys[i]);
                std::error_code error;
                auto const end = fs::last_write_time(file, error);
                if (!error && end > clock::now()) {
                    f(i, file);
                } else {
                    r.sink.miss(i);
                }
            }
        }

        fs::path path_;
    };
};

namespace {

/// A folder that goes with this object.
struct temporary_folder {
    std::string path = "/tmp/strata.XXXXXX";

    temporary_folder()
    {
        if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    }
    ~temporary_folder() { fs::remove_all(path); }
};

} // namespace

int main()
{
    temporary_folder const folder;
    stack<Folder>::with<Prefix>::with<Serialize<Binary>> cache{Folder{folder.path}, Prefix{"page."}};
    static_assert(cache.describe() == "Folder | Prefix | Serialize<Binary>");

    if (!cache.put("start", 42) || !cache.put("short", 1, 1ms)) return 1;
    while (cache.get<int>("short")) {
    }
    bool const right = cache.get<int>("start").value_or(0) == 42 &&
                       cache.get_many<int>({"start", "none"})[1].miss() && cache.erase("start").hit() &&
                       cache.get_or("start", [] { return 43; }) == 43 && cache.contains("start").hit();
    return right ? 0 : 1;
}
