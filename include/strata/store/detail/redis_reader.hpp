#pragma once

#include <strata/core/error.hpp>
#include <strata/store/detail/redis_error.hpp>
#include <strata/store/detail/redis_hiredis.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <utility>

/// hiredis's reader, receiving into its own buffer and handing out values where they lie in it.
namespace strata::detail::redis {

class reader {
public:
    enum class state { complete, incomplete, broken, too_large };

    /// `max_bulk`: the length of a value beyond which it is not received.
    explicit reader(std::size_t max_bulk) : max_bulk_{max_bulk} { renew(); }

    reader(reader const&) = delete;
    reader& operator=(reader const&) = delete;

    /// Gives `receive` room for bytes, as `receive(char*, size_t)`, which returns how many there were (not positive:
    /// none), and returns what it returned.
    template <class Receive> BOOST_FORCEINLINE auto fill(Receive&& receive)
    {
        if (std::size_t const space = capacity_ - reader_->len; space >= least_room) {
            auto const n = receive(end_of_received(*reader_), space);
            if (n > 0) set_received(*reader_, reader_->len + static_cast<std::size_t>(n));
            return n;
        }
        return fill_and_grow(receive);
    }

    /// Hands the parts of the next reply to `handler`, as far as they are here; called again for the same reply, it
    /// goes on where it stood. What the handler throws is thrown; the reader is broken then, and also when the reply as
    /// a whole is not of an `expected` kind.
    [[nodiscard]] BOOST_FORCEINLINE state next(reply_handler& handler, reply_kinds expected)
    {
        if (pending() == 0) return state::incomplete;
        handler_ = &handler;
        expected_ = expected;
        void* whole = nullptr;
        int const result = redisReaderGetReply(reader_.get(), &whole);
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        if (result != REDIS_OK) return out_of_bounds_ ? state::too_large : state::broken;
        if (whole) return std::exchange(begun_, false) ? state::complete : state::broken;
        return pending() > max_bulk_ + line_limit ? state::too_large : state::incomplete;
    }

    /// Bytes that have been received and belong to no reply so far.
    [[nodiscard]] std::size_t pending() const noexcept { return reader_->len - reader_->pos; }

    /// Whether the server has announced that it closes the connection.
    [[nodiscard]] bool ending() const noexcept { return ending_; }

    /// Gives the memory of an unusually large reply back. Only between replies. False: the reader cannot be used any
    /// more.
    [[nodiscard]] bool shrink() noexcept
    {
        if (capacity_ <= keep) return true;
        try {
            renew();
            return true;
        } catch (std::bad_alloc const&) {
            return false;
        }
    }

private:
    static constexpr std::size_t chunk_size = 16 * 1024;
    static constexpr std::size_t least_room = 4 * 1024;
    static constexpr std::size_t line_limit = 4 * 1024; ///< Of what stands around a value, or in an error.
    static constexpr std::size_t keep = std::size_t{4} << 20;

    struct closer {
        void operator()(redisReader* r) const noexcept { redisReaderFree(r); }
    };

    void renew()
    {
        reader_.reset(redisReaderCreateWithFunctions(reply_functions<&reader::take>()));
        if (!reader_) throw std::bad_alloc{};
        reader_->privdata = this;
        reader_->maxbuf = 0; // hiredis shall not free and allocate a larger buffer at every larger reply
        static constexpr char nothing[chunk_size] = {};
        feed(nothing, sizeof nothing); // makes room
        set_received(*reader_, 0);
    }

    template <class Receive> BOOST_NOINLINE auto fill_and_grow(Receive& receive)
    {
        char chunk[chunk_size]; // hiredis lets its buffer grow by what it is fed, and to the double of that
        auto const n = receive(chunk, sizeof chunk);
        if (n > 0) feed(chunk, static_cast<std::size_t>(n));
        return n;
    }

    void feed(char const* bytes, std::size_t size)
    {
        if (redisReaderFeed(reader_.get(), bytes, size) != REDIS_OK) throw std::bad_alloc{};
        capacity_ = capacity(*reader_);
    }

    /// Called from C: nothing may be thrown through it.
    static bool take(redisReadTask const& task, reply_kind kind, char const* text, std::size_t length,
                     long long number) noexcept
    {
        auto& self = *static_cast<reader*>(task.privdata);
        unsigned const depth = !task.parent ? 0 : !task.parent->parent ? 1 : 2;
        if (kind == reply_kind::bulk) {
            // hiredis skips these two bytes unseen.
            if (text[length] != '\r' || text[length + 1] != '\n') return false;
            if (length > self.max_bulk_) {
                self.out_of_bounds_ = true;
                return false;
            }
        }
        if (depth == 0 && !self.expected_.contain(kind)) return false;
        if (kind == reply_kind::error && ends_connection({text, length})) self.ending_ = true;
        self.begun_ = true;
        std::size_t const index = task.idx > 0 ? static_cast<std::size_t>(task.idx) : 0;
        try {
            return self.handler_->take({kind, depth, index, {text, length}, number});
        } catch (...) {
            self.thrown_ = std::current_exception();
            return false;
        }
    }

    std::size_t max_bulk_;
    std::unique_ptr<redisReader, closer> reader_;
    std::size_t capacity_ = 0; ///< Of hiredis's buffer, which grows only when it is fed.
    reply_handler* handler_ = nullptr;
    reply_kinds expected_;
    std::exception_ptr thrown_;
    bool begun_ = false;
    bool out_of_bounds_ = false;
    bool ending_ = false;
};

} // namespace strata::detail::redis
