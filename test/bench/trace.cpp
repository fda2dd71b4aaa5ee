#define BOOST_TEST_MODULE bench_trace
#include <boost/test/unit_test.hpp>

#include "../../bench/support/trace.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using keys = std::vector<std::uint32_t>;

/// A file with these bytes, for as long as it lives.
class trace_file {
public:
    explicit trace_file(std::string_view bytes)
        : path_{std::filesystem::temp_directory_path() / ("strata_trace_" + std::to_string(::getpid()))}
    {
        std::ofstream{path_, std::ios::binary} << bytes;
    }
    trace_file(trace_file const&) = delete;
    trace_file& operator=(trace_file const&) = delete;
    ~trace_file() { std::filesystem::remove(path_); }

    operator std::string() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

std::string compressed(std::string_view text)
{
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(numbers)
{
    BOOST_TEST((bench::read_trace(trace_file{"7\n7\n4294967295\n0"}) == keys{7, 7, 4294967295u, 0}));
    BOOST_TEST((bench::read_trace(trace_file{"7\r\n8\r\n"}) == keys{7, 8}));
    for (auto const* bad : {"7\n\n8\n", "7\nx\n", "-1\n", "4294967296\n", "7 8\n"}) {
        BOOST_CHECK_THROW(bench::read_trace(trace_file{bad}), std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(keys_of_any_text_are_numbered)
{
    trace_file const file{"b\na b\r\n12345678901234567890\nb\na b"};
    BOOST_TEST((bench::read_numbered_trace(file) == keys{0, 1, 2, 0, 1}));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_traces)
{
    BOOST_CHECK_THROW(bench::read_numbered_trace("/there/is/no/such/file"), std::runtime_error);
    BOOST_CHECK_THROW(bench::read_numbered_trace("/"), std::runtime_error);
    BOOST_CHECK_THROW(bench::read_numbered_trace(trace_file{""}), std::runtime_error);
    BOOST_CHECK_THROW(bench::read_numbered_trace(trace_file{compressed("")}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(compressed_files_may_fill_what_they_are_unpacked_into)
{
    auto const size = ZSTD_DStreamOutSize();
    for (auto const bytes : {size - 2, size, size + 2, 3 * size}) {
        std::string text;
        while (text.size() < bytes) text += "7\n";
        BOOST_TEST(bench::read_trace(trace_file{compressed(text)}).size() == bytes / 2);
    }
}

BOOST_AUTO_TEST_CASE(compressed_files_are_read_whole_or_not_at_all)
{
    std::string text;
    keys expected;
    for (std::uint32_t i = 0; i < 200'000; ++i) {
        expected.push_back(i * i % 65'537);
        text += std::to_string(expected.back()) + '\n';
    }
    auto const whole = compressed(text);
    BOOST_TEST((bench::read_trace(trace_file{whole}) == expected));
    BOOST_TEST((bench::read_trace(trace_file{whole + compressed("1\n2\n")}).size() == expected.size() + 2));
    for (std::size_t size = 5; size < whole.size(); size += 9973) {
        BOOST_CHECK_THROW(bench::read_trace(trace_file{whole.substr(0, size)}), std::runtime_error);
    }
    BOOST_CHECK_THROW(bench::read_trace(trace_file{whole.substr(0, whole.size() - 1)}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(much_may_lie_in_few_bytes)
{
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "1\n";
    BOOST_TEST(bench::read_trace(trace_file{compressed(text)}).size() == 1'000'000u);
}
