#pragma once

#include <string>

// TLS is there where a program is compiled with STRATA_REDIS_TLS=1 and linked with OpenSSL: hiredis has TLS only since
// 1.0, and only for contexts whose waiting it does itself, without a deadline for the whole of an operation.
#if STRATA_REDIS_TLS

namespace strata {

/// How a connection to Redis is encrypted and by what the server is known. The server's certificate must be issued by
/// one of the authorities and be for the host's name or address; there is no switch that leaves that out.
struct RedisTls {
    bool enabled = false;          ///< Without it the others mean nothing.
    std::string ca_file = {};      ///< Authorities to trust (PEM); empty, and no directory either: the system's.
    std::string ca_directory = {}; ///< Likewise, as OpenSSL's `rehash` prepares it.
    std::string certificate = {};  ///< The client's own (PEM, with its chain), where the server asks for one.
    std::string key = {};          ///< Its private key (PEM).
    std::string server_name = {};  ///< What the certificate must be for, where that is not the host.
};

} // namespace strata

#endif
