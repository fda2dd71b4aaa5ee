#pragma once

#include <strata/store/detail/memcached_server.hpp>

#include <libmemcached/memcached.h>

#include <new>

namespace strata::detail::memcached {

/// The servers of a store. libmemcached says which one has a key, by its consistent hashing in the form that is
/// compatible with libketama ("ketama weighted"): a server more or less moves few keys, and any client that is set to
/// the same finds the same. Safe from many threads.
class cluster {
public:
    /// Throws `std::invalid_argument` if there is no server, or one is not an address.
    cluster(std::vector<std::string> const& servers, limits const& bounds) : choice_{::memcached_create(nullptr)}
    {
        if (!choice_) throw std::bad_alloc{};
        if (servers.empty()) throw std::invalid_argument{"Memcached.servers: there is none"};
        ::memcached_behavior_set(choice_.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
        for (std::string const& text : servers) {
            address const where = address::parse(text);
            auto const done = where.is_path()
                                  ? ::memcached_server_add_unix_socket(choice_.get(), where.host.c_str())
                                  : ::memcached_server_add(choice_.get(), where.host.c_str(), where.port);
            if (done != MEMCACHED_SUCCESS) {
                throw std::invalid_argument{"Memcached.servers: \"" + text +
                                            "\": " + ::memcached_strerror(choice_.get(), done)};
            }
            servers_.push_back(std::make_unique<server>(where, bounds));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return servers_.size(); }
    [[nodiscard]] server& operator[](std::size_t i) const noexcept { return *servers_[i]; }

    /// The index of the server that has `key`.
    [[nodiscard]] std::size_t of(std::string_view key) const noexcept
    {
        if (servers_.size() == 1) return 0;
        return ::memcached_generate_hash(choice_.get(), key.data(), key.size());
    }

private:
    struct deleter {
        void operator()(memcached_st* made) const noexcept { ::memcached_free(made); }
    };

    std::unique_ptr<memcached_st, deleter> choice_;
    std::vector<std::unique_ptr<server>> servers_;
};

} // namespace strata::detail::memcached
