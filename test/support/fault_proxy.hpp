#pragma once

// One thread runs the proxy: it needs no fences, which the thread sanitizer does not understand.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test {

/// Which bytes a fault is done to.
enum class direction { to_server, to_client };

/// What is done to the bytes of one direction of a connection, once `after` of them have passed.
struct fault {
    enum kind {
        none,
        delay,        ///< What is read at one time waits for `time` before it goes on.
        single_bytes, ///< Each byte is sent by itself, with `time` between them.
        truncate,     ///< Both sides are closed as after an orderly end.
        reset,        ///< Both sides are reset.
        garbage,      ///< `bytes` are slipped in; then all goes on.
        swallow       ///< Nothing passes any more, and nobody is told.
    };

    kind what = none;
    std::size_t after = 0;
    std::chrono::milliseconds time{0};
    std::string bytes = {};
};

/// Stands between a client and a server of the loopback interface and does to their bytes what a test says. It works in
/// a thread of its own; its functions may be called from any other one, and have taken effect when they return.
class fault_proxy {
    using tcp = boost::asio::ip::tcp;
    using error = boost::system::error_code;

public:
    /// Says which fault a new connection (they are numbered from 0) has in each direction.
    using plan = std::function<fault(std::size_t connection, direction)>;

    explicit fault_proxy(std::uint16_t server_port)
        : server_{boost::asio::ip::address_v4::loopback(), server_port}
        , acceptor_{io_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}}
        , port_{acceptor_.local_endpoint().port()}
    {
        accept();
        thread_ = std::thread{[this] { io_.run(); }};
    }
    fault_proxy(fault_proxy const&) = delete;
    fault_proxy& operator=(fault_proxy const&) = delete;
    ~fault_proxy()
    {
        io_.stop();
        thread_.join();
    }

    /// Where clients connect to.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// Gives each new connection the faults that `faults` says. Those that are open stay as they are.
    void set_plan(plan faults)
    {
        in_thread([&] { plan_ = std::move(faults); });
    }

    /// Does `what` in direction `whither` to all connections: the open ones, from their next byte on, and new ones.
    void inject(direction whither, fault const& what)
    {
        in_thread([&] {
            plan_ = [=](std::size_t, direction asked) { return asked == whither ? what : fault{}; };
            for (auto const& open : open_connections()) {
                open->to_server.set(plan_(open->number, direction::to_server));
                open->to_client.set(plan_(open->number, direction::to_client));
            }
        });
    }

    /// Ends all faults. Connections that swallow, or still hold bytes back, are reset: what a client has given up does
    /// not reach the server later on.
    void mend()
    {
        in_thread([&] {
            plan_ = {};
            for (auto const& open : open_connections()) {
                if (open->to_server.holds_back() || open->to_client.holds_back()) open->reset();
                open->to_server.set({});
                open->to_client.set({});
            }
        });
    }

    /// Resets all connections that are open.
    void reset_all()
    {
        in_thread([&] {
            for (auto const& open : open_connections()) open->reset();
        });
    }

    /// Connections so far.
    [[nodiscard]] std::size_t connections() const noexcept { return accepted_; }
    /// How often a fault has been done to bytes.
    [[nodiscard]] std::size_t faults() const noexcept { return faults_; }
    /// Bytes that have gone on to clients.
    [[nodiscard]] std::size_t bytes_to_clients() const noexcept { return to_clients_; }

private:
    struct connection;

    /// One direction of a connection.
    struct way {
        way(fault_proxy& owner, tcp::socket& source, tcp::socket& target, direction which)
            : proxy{owner}, from{source}, to{target}, whither{which}, timer{owner.io_}
        {
        }

        void set(fault what)
        {
            now = std::move(what);
            passed = 0;
            done = false;
        }
        [[nodiscard]] bool holds_back() const { return !out.empty() || (now.what == fault::swallow && done); }

        fault_proxy& proxy;
        tcp::socket& from;
        tcp::socket& to;
        direction whither;
        boost::asio::steady_timer timer;
        fault now;
        std::size_t passed = 0; ///< Bytes since the fault was set.
        bool done = false;      ///< The fault has been done.
        bool ended = false;     ///< The source has closed.
        std::array<char, 16 * 1024> in;
        std::string out;
    };

    struct connection : std::enable_shared_from_this<connection> {
        connection(fault_proxy& proxy, tcp::socket from_client, std::size_t n)
            : client{std::move(from_client)}
            , server{proxy.io_}
            , number{n}
            , to_server{proxy, client, server, direction::to_server}
            , to_client{proxy, server, client, direction::to_client}
        {
        }

        void start()
        {
            error failed;
            server.connect(to_server.proxy.server_, failed);
            if (failed) return reset();
            client.set_option(tcp::no_delay{true}, failed);
            server.set_option(tcp::no_delay{true}, failed);
            read(to_server);
            read(to_client);
        }

        void close()
        {
            error ignored;
            client.close(ignored);
            server.close(ignored);
        }

        void reset()
        {
            error ignored;
            client.set_option(tcp::socket::linger{true, 0}, ignored);
            server.set_option(tcp::socket::linger{true, 0}, ignored);
            close();
        }

        void read(way& w)
        {
            w.from.async_read_some(boost::asio::buffer(w.in),
                                   [self = shared_from_this(), &w](error failed, std::size_t n) {
                                       if (failed) return self->end(w, failed);
                                       self->take(w, std::string_view{w.in.data(), n});
                                   });
        }

        void end(way& w, error const& reason)
        {
            if (reason == boost::asio::error::eof) {
                error ignored;
                w.to.shutdown(tcp::socket::shutdown_send, ignored);
                w.ended = true;
                if (to_server.ended && to_client.ended) close();
            } else {
                reset();
            }
        }

        /// Does the fault to `bytes`, and sends what is left of them.
        void take(way& w, std::string_view bytes)
        {
            std::size_t const before = w.passed;
            w.passed += bytes.size();
            bool const due = w.now.what != fault::none && w.passed > w.now.after;
            // What comes before its place passes unharmed.
            std::string_view const first = bytes.substr(0, w.now.after > before ? w.now.after - before : 0);
            bool const ends = w.now.what == fault::truncate || w.now.what == fault::reset;
            if (!due) {
                w.out += bytes;
                // An end may come with the last byte, as a garbage that follows it does.
                bool const at_the_end = w.now.what != fault::none && w.passed == w.now.after && !w.done;
                if (at_the_end && ends) return finish_with(w);
                if (at_the_end && w.now.what == fault::garbage) slip_in(w);
                return flush(w);
            }
            switch (w.now.what) {
            case fault::truncate:
            case fault::reset:
                w.out += first;
                return finish_with(w);
            case fault::garbage:
                w.out += first;
                if (!w.done) slip_in(w);
                w.out += bytes.substr(first.size());
                return flush(w);
            case fault::swallow:
                happened(w);
                w.out += first;
                return flush(w);
            case fault::delay: {
                happened(w);
                w.out += bytes;
                w.timer.expires_after(w.now.time);
                w.timer.async_wait([self = shared_from_this(), &w](error failed) {
                    if (!failed) self->flush(w);
                });
                return;
            }
            default: happened(w); w.out += bytes; return flush(w);
            }
        }

        void slip_in(way& w)
        {
            happened(w);
            w.out += w.now.bytes;
        }

        void finish_with(way& w)
        {
            happened(w);
            bool const resets = w.now.what == fault::reset;
            auto const all = std::make_shared<std::string>(std::exchange(w.out, {}));
            boost::asio::async_write(w.to, boost::asio::buffer(*all),
                                     [self = shared_from_this(), all, resets](error, std::size_t) {
                                         resets ? self->reset() : self->close();
                                     });
        }

        void happened(way& w)
        {
            w.done = true;
            ++w.proxy.faults_;
        }

        void flush(way& w)
        {
            if (w.out.empty()) return read(w);
            bool const singly = w.now.what == fault::single_bytes;
            auto const some = std::make_shared<std::string>(w.out, 0, singly ? 1 : w.out.size());
            w.out.erase(0, some->size());
            auto const sent = [self = shared_from_this(), some, singly, &w](error failed, std::size_t n) {
                if (failed) return self->end(w, failed);
                if (w.whither == direction::to_client) w.proxy.to_clients_ += n;
                if (!singly || w.now.time.count() == 0) return self->flush(w);
                w.timer.expires_after(w.now.time);
                w.timer.async_wait([self, &w](error stopped) {
                    if (!stopped) self->flush(w);
                });
            };
            boost::asio::async_write(w.to, boost::asio::buffer(*some), sent);
        }

        tcp::socket client;
        tcp::socket server;
        std::size_t number;
        way to_server;
        way to_client;
    };

    void accept()
    {
        acceptor_.async_accept([this](error failed, tcp::socket client) {
            if (failed) return;
            auto const made = std::make_shared<connection>(*this, std::move(client), accepted_++);
            if (plan_) {
                made->to_server.set(plan_(made->number, direction::to_server));
                made->to_client.set(plan_(made->number, direction::to_client));
            }
            std::erase_if(connections_, [](auto const& one) { return one.expired(); });
            connections_.push_back(made);
            made->start();
            accept();
        });
    }

    [[nodiscard]] std::vector<std::shared_ptr<connection>> open_connections() const
    {
        std::vector<std::shared_ptr<connection>> open;
        for (auto const& one : connections_) {
            if (auto held = one.lock(); held && held->client.is_open()) open.push_back(std::move(held));
        }
        return open;
    }

    template <class F> void in_thread(F&& f)
    {
        std::promise<void> done;
        boost::asio::post(io_, [&] {
            f();
            done.set_value();
        });
        done.get_future().wait();
    }

    tcp::endpoint server_;
    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    plan plan_;
    std::vector<std::weak_ptr<connection>> connections_;
    std::atomic<std::size_t> accepted_{0};
    std::atomic<std::size_t> faults_{0};
    std::atomic<std::size_t> to_clients_{0};
    std::thread thread_;
};

} // namespace test
