#pragma once

#include <strata/core/request.hpp>
#include <strata/store/detail/memcached_wire.hpp>

#include <boost/endian/conversion.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// How the operations of a stack look in memcached's protocol, and what its replies mean for them.
namespace strata::detail::memcached {

template <class Op>
concept reads = std::same_as<Op, op::get> || std::same_as<Op, op::contains>;

template <class Op> inline constexpr bool has_value = Op::template has<part::values_down>;

/// `quiet`: the server says nothing when it has the usual to say, which saves replies in a batch.
template <class Op> [[nodiscard]] constexpr opcode code_of(bool quiet) noexcept
{
    if constexpr (std::same_as<Op, op::get>) return quiet ? opcode::get_quiet : opcode::get;
    if constexpr (std::same_as<Op, op::put>) return quiet ? opcode::set_quiet : opcode::set;
    if constexpr (std::same_as<Op, op::add>) return quiet ? opcode::add_quiet : opcode::add;
    if constexpr (std::same_as<Op, op::erase>) return quiet ? opcode::erase_quiet : opcode::erase;
    if constexpr (std::same_as<Op, op::contains>) return opcode::erase; // of an entry that cannot be: see `cas_of`
    if constexpr (std::same_as<Op, op::touch>) return opcode::touch;
}

template <class Op>
inline constexpr bool can_be_quiet = !std::same_as<Op, op::contains> && !std::same_as<Op, op::touch>;

template <class Op>
inline constexpr std::uint64_t cas_of = std::same_as<Op, op::contains> ? impossible_cas : 0;

/// What stands between header and key: flags and lifetime.
template <class Op> class extras {
    static constexpr std::size_t size = has_value<Op> ? 8 : std::same_as<Op, op::touch> ? 4 : 0;

public:
    explicit extras(std::uint32_t expiry, std::uint32_t flags) noexcept
    {
        if constexpr (size == 8) boost::endian::store_big_u32(bytes_.data(), flags);
        if constexpr (size != 0) boost::endian::store_big_u32(bytes_.data() + size - 4, expiry);
    }

    [[nodiscard]] std::string_view view() const noexcept
    {
        return {reinterpret_cast<char const*>(bytes_.data()), size};
    }

private:
    std::array<unsigned char, size> bytes_{};
};

/// What it means that the server said nothing to a quiet request.
template <class Op> void report_silence(auto& sink, std::size_t i)
{
    if constexpr (std::same_as<Op, op::get>) {
        sink.miss(i);
    } else {
        sink.hit(i);
    }
}

/// `flags`: those that a value must have, unless they are 0.
template <class Op> void report(auto& sink, std::size_t i, reply const& r, std::uint32_t flags)
{
    if constexpr (std::same_as<Op, op::contains>) {
        if (r.status == reply_status::exists) return sink.hit(i);
    } else if (r.status == reply_status::done) {
        if constexpr (std::same_as<Op, op::get>) {
            if (flags != 0 && r.flags != flags) {
                return sink.fail(i, failure{errc::corrupt, "the value has other flags than Memcached.flags"});
            }
            return sink.hit(i, r.value);
        } else {
            return sink.hit(i);
        }
    }
    if constexpr (!has_value<Op>) {
        if (r.status == reply_status::not_found) return sink.miss(i);
    }
    if constexpr (std::same_as<Op, op::add>) {
        if (r.status == reply_status::not_stored) return sink.fail(i, errc::exists);
    }
    sink.fail(i, to_failure(r));
}

} // namespace strata::detail::memcached
