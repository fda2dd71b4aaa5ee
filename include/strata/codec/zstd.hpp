#pragma once

#include <strata/codec/codec.hpp>
#include <strata/core/key.hpp>
#include <strata/core/value.hpp>

#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// Zstandard (RFC 8878): much smaller values at a moderate cost, and the choice where nothing speaks for another.
///
/// Small values of one kind shrink well only with a dictionary: one that `train` made, the same in all programs that
/// share the store. Each compressed value names its dictionary; one that is neither `.dictionary` nor among `.retired`
/// makes the value unreadable, `errc::corrupt`. Values from before the first dictionary stay readable.
///
/// Levels are those of the zstd tool, negative ones included. Each thread keeps a context for each direction as long as
/// it lives: together about 140 KiB for values of 1 KiB, up to some megabytes for long ones and many at the highest
/// levels. Where lengths differ much, libzstd itself renews a context that has been too large for more than a hundred
/// values.
struct Zstd {
    static constexpr fixed_string name{"Zstd"};
    static constexpr unsigned char id = 1;
    static constexpr int default_level = ZSTD_CLEVEL_DEFAULT;

    /// A block is four bytes at least, three of them its header, and stands for 128 KiB at most.
    [[nodiscard]] static constexpr std::size_t most(std::size_t size) noexcept
    {
        constexpr std::size_t limit = std::numeric_limits<std::size_t>::max() / ZSTD_BLOCKSIZE_MAX;
        return std::min(size / 4, limit) * ZSTD_BLOCKSIZE_MAX;
    }

    /// A dictionary of at most `size` bytes, from values like those that it shall serve: a hundred times its size of
    /// them, a few hundred values at least. Takes seconds for megabytes. Throws `std::invalid_argument` where there are
    /// too few, or where they have too little in common.
    template <std::ranges::input_range Samples>
        requires byte_view<std::ranges::range_value_t<Samples>>
    [[nodiscard]] static std::string train(Samples&& samples, std::size_t size = 16 * 1024)
    {
        std::string joined;
        std::vector<std::size_t> sizes;
        for (auto const& sample : samples) {
            std::string_view const bytes = view_bytes(sample);
            joined += bytes;
            sizes.push_back(bytes.size());
        }
        std::string dictionary(size, '\0');
        std::size_t const made = ZDICT_trainFromBuffer(dictionary.data(), size, joined.data(), sizes.data(),
                                                       static_cast<unsigned>(sizes.size()));
        if (ZDICT_isError(made)) {
            throw std::invalid_argument{std::string{"Zstd::train: no dictionary from these samples: "} +
                                        ZDICT_getErrorName(made)};
        }
        dictionary.resize(made);
        return dictionary;
    }

    class coder {
    public:
        explicit coder(codec_settings const& settings) : level_{settings.level}
        {
            if (level_ > ZSTD_maxCLevel() || level_ < ZSTD_minCLevel()) {
                throw std::invalid_argument{"Compress.level: Zstd has levels from " + std::to_string(ZSTD_minCLevel()) +
                                            " to " + std::to_string(ZSTD_maxCLevel())};
            }
            if (std::string const& given = settings.dictionary; !given.empty()) {
                add_reader(given, "Compress.dictionary: this is not a zstd dictionary, as Zstd::train makes them");
                writer_.reset(ZSTD_createCDict(given.data(), given.size(), level_));
                if (!writer_) throw std::bad_alloc{};
            }
            for (std::string const& old : settings.retired) {
                add_reader(old, "Compress.retired: this is not a zstd dictionary, as Zstd::train makes them");
            }
        }

        [[nodiscard]] std::size_t compress(std::string_view in, std::span<char> out) const
        {
            thread_local std::unique_ptr<ZSTD_CCtx, freed_by<&ZSTD_freeCCtx>> const context{ZSTD_createCCtx()};
            if (!context) throw std::bad_alloc{};
            ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
            ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0); // the layer writes the length
            if (writer_) {
                ZSTD_CCtx_refCDict(context.get(), writer_.get());
            } else {
                ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level_);
            }
            std::size_t const made = ZSTD_compress2(context.get(), out.data(), out.size(), in.data(), in.size());
            return ZSTD_isError(made) ? 0 : made;
        }

        [[nodiscard]] bool decompress(std::string_view in, std::span<char> out) const
        {
            if (!is_one_frame(in)) return false;
            unsigned const named = ZSTD_getDictID_fromFrame(in.data(), in.size());
            ZSTD_DDict const* const reader = named == 0 ? nullptr : reader_of(named);
            if (named != 0 && !reader) return false;

            thread_local std::unique_ptr<ZSTD_DCtx, freed_by<&ZSTD_freeDCtx>> const context{ZSTD_createDCtx()};
            if (!context) throw std::bad_alloc{};
            return ZSTD_decompress_usingDDict(context.get(), out.data(), out.size(), in.data(), in.size(), reader) ==
                   out.size();
        }

    private:
        template <auto Free> struct freed_by {
            void operator()(auto* object) const noexcept { Free(object); }
        };
        using dictionary_reader = std::unique_ptr<ZSTD_DDict, freed_by<&ZSTD_freeDDict>>;

        /// Where the library was built with them, it would also take the formats before zstd 0.8, and any number of
        /// frames with things to skip between them.
        [[nodiscard]] static bool is_one_frame(std::string_view in) noexcept
        {
            return in.starts_with("\x28\xb5\x2f\xfd") &&
                   ZSTD_findFrameCompressedSize(in.data(), in.size()) == in.size();
        }

        void add_reader(std::string const& dictionary, char const* complaint)
        {
            // What lacks a number of its own could be taken for another one when it is read.
            dictionary_reader made{ZSTD_createDDict(dictionary.data(), dictionary.size())};
            if (!made || ZSTD_getDictID_fromDDict(made.get()) == 0) throw std::invalid_argument{complaint};
            readers_.push_back(std::move(made));
        }

        [[nodiscard]] ZSTD_DDict const* reader_of(unsigned named) const noexcept
        {
            auto const found = std::ranges::find(readers_, named, [](dictionary_reader const& reader) {
                return ZSTD_getDictID_fromDDict(reader.get());
            });
            return found == readers_.end() ? nullptr : found->get();
        }

        int level_;
        std::unique_ptr<ZSTD_CDict, freed_by<&ZSTD_freeCDict>> writer_;
        std::vector<dictionary_reader> readers_;
    };
};

} // namespace strata
