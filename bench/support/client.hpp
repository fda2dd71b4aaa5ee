#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

using keys = std::vector<std::string>;
using entries = std::vector<std::pair<std::string, std::string>>;

/// One way to use a cache server, as one thread does it. Whatever does not succeed throws.
class client {
public:
    client() = default;
    virtual ~client() = default;
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    /// The value into `out`, whose memory is used again.
    virtual void get(std::string const& key, std::string& out) = 0;
    virtual void put(std::string const& key, std::string const& value) = 0;

    /// All values, each looked at where it is handiest. Unless a client knows better: one call after the other.
    virtual void get_many(keys const& all)
    {
        for (std::string const& key : all) get(key, reused_);
    }
    virtual void put_many(entries const& all)
    {
        for (auto const& [key, value] : all) put(key, value);
    }

protected:
    std::string reused_;
};

/// Where a contestant takes part: everywhere, or only in batches or by many threads.
enum class table { any, batches, threads };

/// Who is compared. The first one of several is what the others are measured by.
struct contestant {
    std::string name;
    std::function<std::unique_ptr<client>()> connect; ///< Called once for each thread, before anything is measured.
    table where = table::any;
};

/// Contestants on the same server by one way to reach it.
struct transport {
    std::string name;
    std::vector<contestant> contestants;
};

} // namespace bench
