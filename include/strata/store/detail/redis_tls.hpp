#pragma once

#include <strata/core/error.hpp>
#include <strata/store/redis_tls.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#if STRATA_REDIS_TLS

#if !__has_include(<openssl/ssl.h>)
#error "strata: STRATA_REDIS_TLS needs OpenSSL's headers (Debian: libssl-dev)"
#endif

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace strata {

namespace detail::redis {

template <auto Free> struct freed_by {
    void operator()(auto* object) const noexcept { Free(object); }
};

using tls_context = std::shared_ptr<SSL_CTX>;

/// What all connections of a store share; null where TLS is not wanted. Throws `std::invalid_argument` for files that
/// cannot be used.
[[nodiscard]] inline tls_context make_tls_context(RedisTls const& settings)
{
    if (!settings.enabled) return nullptr;
    auto const require = [](bool good, char const* text) {
        ERR_clear_error();
        if (!good) throw std::invalid_argument{text};
    };
    auto const or_null = [](std::string const& text) { return text.empty() ? nullptr : text.c_str(); };

    tls_context made{SSL_CTX_new(TLS_client_method()), freed_by<&SSL_CTX_free>{}};
    if (!made) throw std::bad_alloc{};
    SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (settings.ca_file.empty() && settings.ca_directory.empty()) {
        require(SSL_CTX_set_default_verify_paths(made.get()) == 1,
                "Redis.tls: the system's authorities cannot be read");
    } else {
        char const* const file = or_null(settings.ca_file);
        char const* const directory = or_null(settings.ca_directory);
        require(SSL_CTX_load_verify_locations(made.get(), file, directory) == 1,
                "Redis.tls: ca_file or ca_directory cannot be read");
    }
    require(settings.certificate.empty() == settings.key.empty(),
            "Redis.tls: certificate and key must be given together");
    if (!settings.certificate.empty()) {
        require(SSL_CTX_use_certificate_chain_file(made.get(), settings.certificate.c_str()) == 1,
                "Redis.tls: the certificate cannot be read");
        require(SSL_CTX_use_PrivateKey_file(made.get(), settings.key.c_str(), SSL_FILETYPE_PEM) == 1,
                "Redis.tls: the key cannot be read, or does not fit the certificate");
    }
    return made;
}

/// TLS over a connected socket. It never waits: `errno` is EAGAIN where the socket has to be waited for.
class tls_session {
public:
    tls_session(SSL_CTX& context, int fd, std::string const& server_name) : ssl_{SSL_new(&context)}
    {
        BIO* const bio = ssl_ ? BIO_new(socket_method()) : nullptr;
        if (!bio) throw std::bad_alloc{};
        BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_connect_state(ssl_.get());
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), server_name.c_str()) != 1) {
            SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
            if (SSL_set1_host(ssl_.get(), server_name.c_str()) != 1) throw std::bad_alloc{};
        }
        ERR_clear_error();
    }

    /// Goes on with the handshake: 1 when it is done, negative with `errno` otherwise.
    [[nodiscard]] int shake_hands() noexcept
    {
        ERR_clear_error();
        return static_cast<int>(outcome(SSL_do_handshake(ssl_.get())));
    }

    /// Why the handshake failed, in OpenSSL's words.
    [[nodiscard]] std::string why() const
    {
        if (long const verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
            return std::string{"TLS: "} + X509_verify_cert_error_string(verdict);
        }
        return "TLS: the handshake failed";
    }

    [[nodiscard]] bool wants_to_write() const noexcept { return SSL_want_write(ssl_.get()); }

    /// Whether bytes are here already that the socket does not show any more.
    [[nodiscard]] bool has_received() const noexcept { return SSL_pending(ssl_.get()) > 0; }

    [[nodiscard]] ssize_t send(std::string_view bytes) noexcept
    {
        ERR_clear_error();
        return outcome(SSL_write(ssl_.get(), bytes.data(), at_once(bytes.size())));
    }
    [[nodiscard]] ssize_t receive(char* to, std::size_t size) noexcept
    {
        ERR_clear_error();
        return outcome(SSL_read(ssl_.get(), to, at_once(size)));
    }

private:
    static int at_once(std::size_t size) noexcept { return static_cast<int>(size < (1 << 30) ? size : 1 << 30); }

    ssize_t outcome(int result) noexcept
    {
        if (result > 0) return result;
        switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_ZERO_RETURN: return 0;
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
        default: errno = ECONNRESET; return -1;
        }
    }

    /// OpenSSL's own way to write to a socket raises SIGPIPE when the peer has closed.
    static BIO_METHOD* socket_method()
    {
        static BIO_METHOD* const method = [] {
            BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
            if (!made) throw std::bad_alloc{};
            BIO_meth_set_write(made, [](BIO* bio, char const* from, int size) {
                auto const length = static_cast<std::size_t>(size);
                return retried(bio, ::send(fd_of(bio), from, length, MSG_NOSIGNAL | MSG_DONTWAIT), true);
            });
            BIO_meth_set_read(made, [](BIO* bio, char* to, int size) {
                auto const length = static_cast<std::size_t>(size);
                return retried(bio, ::recv(fd_of(bio), to, length, MSG_DONTWAIT), false);
            });
            BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH; });
            return made;
        }();
        return method;
    }

    static int fd_of(BIO* bio) noexcept { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

    static int retried(BIO* bio, ssize_t n, bool writing) noexcept
    {
        BIO_clear_retry_flags(bio);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
            writing ? BIO_set_retry_write(bio) : BIO_set_retry_read(bio);
        }
        return static_cast<int>(n);
    }

    std::unique_ptr<SSL, freed_by<&SSL_free>> ssl_;
};

} // namespace detail::redis

} // namespace strata

#endif
