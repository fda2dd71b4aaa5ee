#pragma once

#include <zstd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Traces: the keys that were asked for, one a line, plain or compressed with zstd.
namespace bench {

/// Calls `f` with each line of a file, without its end (LF or CR LF). Throws `std::runtime_error`, naming the file, for
/// one that cannot be read, is not whole, or is empty.
template <class F> void for_each_line(std::string const& file, F&& f)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{file + ": cannot be opened"};

    bool any = false;
    std::string rest; // the beginning of a line that the next chunk ends
    auto const take_lines = [&](std::string_view chunk) {
        rest.append(chunk);
        std::string_view lines = rest;
        for (auto end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
            auto line = lines.substr(0, end);
            if (line.ends_with('\r')) line.remove_suffix(1);
            f(line);
            any = true;
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
    std::size_t missing = 0; // bytes of a frame that is not complete
    while (in.read(input.data(), static_cast<std::streamsize>(input.size())), in.gcount() > 0) {
        std::string_view const chunk{input.data(), static_cast<std::size_t>(in.gcount())};
        if (std::exchange(first, false)) compressed = chunk.starts_with(magic);
        if (!compressed) {
            take_lines(chunk);
            continue;
        }
        ZSTD_inBuffer from{chunk.data(), chunk.size(), 0};
        ZSTD_outBuffer to{output.data(), output.size(), 0};
        do {
            to.pos = 0;
            missing = ZSTD_decompressStream(stream.get(), &to, &from);
            if (ZSTD_isError(missing)) throw std::runtime_error{file + ": not a zstd file, or a damaged one"};
            take_lines({output.data(), to.pos});
        } while (from.pos < from.size || (missing != 0 && to.pos == to.size));
    }
    if (in.bad()) throw std::runtime_error{file + ": cannot be read"};
    if (missing != 0) throw std::runtime_error{file + ": not a whole zstd file"};
    if (!rest.empty()) take_lines("\n");
    if (!any) throw std::runtime_error{file + ": no keys"};
}

/// The keys of a trace of numbers. Throws `std::runtime_error`, naming file and line, for what is not that.
inline std::vector<std::uint32_t> read_trace(std::string const& file)
{
    std::vector<std::uint32_t> keys;
    for_each_line(file, [&](std::string_view line) {
        std::uint32_t key = 0;
        auto const [stop, error] = std::from_chars(line.data(), line.data() + line.size(), key);
        if (error != std::errc{} || stop != line.data() + line.size()) {
            throw std::runtime_error{file + ": line " + std::to_string(keys.size() + 1) +
                                     " is not an integer of 32 bits"};
        }
        keys.push_back(key);
    });
    return keys;
}

/// The keys of a trace of any text, numbered from 0 as they first come.
inline std::vector<std::uint32_t> read_numbered_trace(std::string const& file)
{
    std::vector<std::uint32_t> keys;
    std::unordered_map<std::string, std::uint32_t> numbers;
    for_each_line(file, [&](std::string_view line) {
        auto const next = static_cast<std::uint32_t>(numbers.size());
        keys.push_back(numbers.try_emplace(std::string{line}, next).first->second);
    });
    return keys;
}

} // namespace bench
