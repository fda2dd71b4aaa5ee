#pragma once

#include <strata/core/request.hpp>
#include <strata/store/detail/redis_error.hpp>
#include <strata/store/detail/redis_reply.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// From replies to outcomes: each operation's way to read what it asked for.
namespace strata::detail::redis {

/// The reply to GET.
template <class R> class value_reply final : public reply_handler {
public:
    static constexpr reply_kinds expected{reply_kind::bulk, reply_kind::nil, reply_kind::error};

    explicit value_reply(R const& r) noexcept : request_{r} {}

    bool take(reply_part const& part) override
    {
        switch (part.kind) {
        case reply_kind::bulk:
            answered_ = true;
            request_.sink.hit(0, part.text);
            return true;
        case reply_kind::nil:
            answered_ = true;
            request_.sink.miss(0);
            return true;
        case reply_kind::error:
            answered_ = true;
            request_.sink.fail(0, from_server(part.text));
            return true;
        default: return false;
        }
    }

    /// Reports the failure for what has no outcome yet.
    void fail(failure const& reason)
    {
        if (!answered_) request_.sink.fail(0, reason);
    }

private:
    R const& request_;
    bool answered_ = false;
};

/// The replies to the MGETs of at most `chunk` keys each.
template <class R> class value_list_replies final : public reply_handler {
public:
    static constexpr reply_kinds expected{reply_kind::array, reply_kind::error};

    value_list_replies(R const& r, std::size_t chunk) noexcept : request_{r}, chunk_{chunk} {}

    bool take(reply_part const& part) override
    {
        if (part.depth == 0) {
            std::size_t const due = std::min(chunk_, request_.keys.size() - answered_);
            if (part.kind == reply_kind::array) {
                to_come_ = due;
                return part.number >= 0 && static_cast<std::size_t>(part.number) == due;
            }
            failure const reason = from_server(part.text);
            for (std::size_t i = 0; i < due; ++i) request_.sink.fail(answered_++, reason);
            return true;
        }
        if (part.depth != 1 || to_come_ == 0) return false;
        --to_come_;
        switch (part.kind) {
        case reply_kind::bulk: request_.sink.hit(answered_++, part.text); return true;
        case reply_kind::nil: request_.sink.miss(answered_++); return true;
        case reply_kind::error: request_.sink.fail(answered_++, from_server(part.text)); return true;
        default: return false;
        }
    }

    /// So many keys have an outcome, the first ones.
    [[nodiscard]] std::size_t answered() const noexcept { return answered_; }

    /// Whether the replies ended within a list: then it is the next key's value that was not taken.
    [[nodiscard]] bool within_list() const noexcept { return to_come_ > 0; }

    /// Ends the list with a failure for its next key.
    void fail_next(failure const& reason)
    {
        to_come_ = 0;
        request_.sink.fail(answered_++, reason);
    }
    void fail(failure const& reason)
    {
        while (answered_ < request_.keys.size()) fail_next(reason);
    }

private:
    R const& request_;
    std::size_t chunk_;
    std::size_t answered_ = 0;
    std::size_t to_come_ = 0; ///< Of the list that is being received, so many elements.
};

/// One reply for each key that was asked for, in their order: "OK" or an integer.
template <class R> class reply_per_key final : public reply_handler {
public:
    static constexpr bool stores = R::operation::template has<part::values_down>;
    static constexpr reply_kinds expected =
        stores ? reply_kinds{reply_kind::status, reply_kind::nil, reply_kind::error}
               : reply_kinds{reply_kind::integer, reply_kind::error};

    explicit reply_per_key(R const& r) : request_{r} {}

    /// The next request is for the i-th key.
    void expect(std::size_t i) { asked_.push_back(i); }
    /// One reply comes before each that counts. It matters only where it is an error, which is the outcome then.
    void expect_ignored() noexcept { ignored_ = 1; }

    [[nodiscard]] std::size_t count() const noexcept { return asked_.size() * (1 + ignored_); }

    bool take(reply_part const& part) override
    {
        if (answered_ >= asked_.size()) return false;
        if (passed_ < ignored_) {
            ++passed_;
            if (part.kind == reply_kind::error) refused_ = from_server(part.text);
            return true;
        }
        passed_ = 0;
        std::size_t const i = asked_[answered_++];
        if (refused_) {
            request_.sink.fail(i, *std::exchange(refused_, std::nullopt));
            return true;
        }
        switch (part.kind) {
        case reply_kind::error: request_.sink.fail(i, from_server(part.text)); break;
        case reply_kind::nil: request_.sink.fail(i, errc::exists); break;
        case reply_kind::integer:
            part.number != 0 ? request_.sink.hit(i) : request_.sink.miss(i);
            break;
        default: request_.sink.hit(i);
        }
        return true;
    }

    void fail(failure const& reason)
    {
        while (answered_ < asked_.size()) request_.sink.fail(asked_[answered_++], reason);
    }

private:
    R const& request_;
    boost::container::small_vector<std::size_t, 4> asked_;
    std::size_t answered_ = 0;
    unsigned ignored_ = 0;
    unsigned passed_ = 0;
    std::optional<failure> refused_;
};

/// The reply to SCAN: where to go on, and some keys.
class scan_reply final : public reply_handler {
public:
    std::string cursor = "0";
    std::vector<std::string> keys;
    std::optional<failure> refused;

    bool take(reply_part const& part) override
    {
        switch (part.depth) {
        case 0:
            if (part.kind == reply_kind::error) {
                refused = from_server(part.text);
                return true;
            }
            return part.number == 2;
        case 1:
            if (part.index == 0) {
                cursor.assign(part.text);
                return part.kind == reply_kind::bulk;
            }
            return part.kind == reply_kind::array;
        default:
            keys.emplace_back(part.text);
            return part.kind == reply_kind::bulk;
        }
    }
};

/// One or more replies that are numbers, or of which only matters whether they are errors; the last one counts.
class number_reply final : public reply_handler {
public:
    long long number = 0;
    std::optional<failure> refused;

    bool take(reply_part const& part) override
    {
        if (part.kind == reply_kind::error) refused = from_server(part.text);
        if (part.kind == reply_kind::integer) number = part.number;
        return true;
    }
};

} // namespace strata::detail::redis
