#pragma once

#include <zstd.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// The keys of a trace, one integer per line, plain or compressed with zstd.
/// Throws `std::runtime_error`, naming file and line, for what is not that.
inline std::vector<std::uint32_t> read_trace(std::string const& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{file + ": cannot be opened"};

    std::vector<std::uint32_t> keys;
    std::string rest; // the beginning of a line that the next chunk ends
    auto const take_lines = [&](std::string_view chunk) {
        rest.append(chunk);
        std::string_view lines = rest;
        for (auto end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
            std::uint32_t key = 0;
            auto const [stop, error] = std::from_chars(lines.data(), lines.data() + end, key);
            if (error != std::errc{} || stop != lines.data() + end) {
                throw std::runtime_error{file + ": line " + std::to_string(keys.size() + 1) + " is not an integer"};
            }
            keys.push_back(key);
            lines.remove_prefix(end + 1);
        }
        rest.erase(0, rest.size() - lines.size());
    };

    constexpr std::string_view magic = "\x28\xb5\x2f\xfd";
    std::string input(ZSTD_DStreamInSize(), '\0');
    std::string output(ZSTD_DStreamOutSize(), '\0');
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> const stream{ZSTD_createDStream(), &ZSTD_freeDStream};
    bool first = true;
    bool compressed = false;
    while (in.read(input.data(), static_cast<std::streamsize>(input.size())), in.gcount() > 0) {
        std::string_view const chunk{input.data(), static_cast<std::size_t>(in.gcount())};
        if (std::exchange(first, false)) compressed = chunk.starts_with(magic);
        if (!compressed) {
            take_lines(chunk);
            continue;
        }
        ZSTD_inBuffer from{chunk.data(), chunk.size(), 0};
        while (from.pos < from.size) {
            ZSTD_outBuffer to{output.data(), output.size(), 0};
            if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &to, &from))) {
                throw std::runtime_error{file + ": not a whole zstd file"};
            }
            take_lines({output.data(), to.pos});
        }
    }
    if (!rest.empty()) take_lines("\n");
    return keys;
}

} // namespace bench
