#pragma once

#include <strata/format/detail/kind.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// JSON text to Boost.JSON's tree. Boost.JSON's own parser is not used as a whole because it rounds some numbers to a
/// neighbour of the nearest `double` (its option for exact ones came with 1.83), and turns too large ones into
/// infinity.
namespace strata::detail {

/// What Boost.JSON's `basic_parser` calls for each thing that it meets.
class json_handler {
    using text = boost::json::string_view;
    using error = boost::json::error_code;

public:
    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();

    /// The tree's memory comes from `memory`.
    explicit json_handler(boost::json::storage_ptr memory) { stack_.reset(std::move(memory)); }

    [[nodiscard]] boost::json::value release() { return stack_.release(); }

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error&) { return true; }
    bool on_object_end(std::size_t size, error&) { return stack_.push_object(size), true; }
    bool on_array_begin(error&) { return true; }
    bool on_array_end(std::size_t size, error&) { return stack_.push_array(size), true; }
    bool on_key_part(text part, std::size_t, error&) { return stack_.push_chars(part), true; }
    bool on_key(text part, std::size_t, error&) { return stack_.push_key(part), true; }
    bool on_string_part(text part, std::size_t, error&) { return stack_.push_chars(part), true; }
    bool on_string(text part, std::size_t, error&) { return stack_.push_string(part), true; }
    bool on_number_part(text part, error&)
    {
        number_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, text, error&)
    {
        number_.clear();
        return stack_.push_int64(value), true;
    }
    bool on_uint64(std::uint64_t value, text, error&)
    {
        number_.clear();
        return stack_.push_uint64(value), true;
    }
    bool on_double(double, text part, error& ec)
    {
        double value;
        std::from_chars_result read;
        if (number_.empty()) {
            read = std::from_chars(part.data(), part.data() + part.size(), value);
        } else {
            number_.append(part.data(), part.size());
            read = std::from_chars(number_.data(), number_.data() + number_.size(), value);
            number_.clear();
        }
        if (read.ec != std::errc{}) {
            ec = boost::json::error::exponent_overflow;
            return false;
        }
        return stack_.push_double(value), true;
    }
    bool on_bool(bool value, error&) { return stack_.push_bool(value), true; }
    bool on_null(error&) { return stack_.push_null(), true; }
    bool on_comment_part(text, error&) { return true; }
    bool on_comment(text, error&) { return true; }

private:
    boost::json::value_stack stack_;
    std::string number_; // what came of a number so far
};

/// The tree of `text`, or a tree of `null` and `done` false for what is not JSON in UTF-8.
[[nodiscard]] inline boost::json::value parse_json(std::string_view text, boost::json::storage_ptr memory, bool& done)
{
    boost::json::parse_options strict;
    strict.max_depth = max_depth;
    boost::json::basic_parser<json_handler> parser{strict, std::move(memory)};
    boost::json::error_code ec;
    auto const used = parser.write_some(false, text.data(), text.size(), ec);
    done = !ec && used == text.size() && parser.done();
    return done ? parser.handler().release() : boost::json::value{};
}

} // namespace strata::detail
