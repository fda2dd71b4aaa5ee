#pragma once

#include <strata/core/request.hpp>
#include <strata/core/key.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace strata {

/// What a `Glass` holds. A test keeps a copy, which is the same entries.
using Entries = std::shared_ptr<std::map<std::string, std::string>>;

/// A store in the hands of an attacker: a test reads and writes what is in it, and no entry ever expires. One thread.
struct Glass {
    Entries entries = std::make_shared<std::map<std::string, std::string>>();

    static constexpr fixed_string name{"Glass"};

    class store {
    public:
        using key_type = bytes;
        using value_type = bytes;
        static constexpr bool concurrent = false;

        explicit store(Glass policy) noexcept : entries_{std::move(policy.entries)} {}

        [[nodiscard]] static constexpr lifetime default_lifetime() noexcept { return std::chrono::minutes{10}; }

        void run(asks<op::get> auto const& r)
        {
            each(r, [&](std::size_t i, auto found) { r.sink.hit(i, std::string_view{found->second}); });
        }
        void run(asks<op::contains> auto const& r)
        {
            each(r, [&](std::size_t i, auto) { r.sink.hit(i); });
        }
        void run(asks<op::touch> auto const& r)
        {
            each(r, [&](std::size_t i, auto) { r.sink.hit(i); });
        }
        void run(asks<op::erase> auto const& r)
        {
            each(r, [&](std::size_t i, auto found) {
                entries_->erase(found);
                r.sink.hit(i);
            });
        }
        void run(asks<op::put> auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                r.source(i, [&](std::string_view value) {
                    (*entries_)[text(r.keys[i])] = value;
                    r.sink.hit(i);
                });
            }
        }
        void run(asks<op::add> auto const& r)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                if (entries_->contains(text(r.keys[i]))) {
                    r.sink.fail(i, errc::exists);
                    continue;
                }
                r.source(i, [&](std::string_view value) {
                    (*entries_)[text(r.keys[i])] = value;
                    r.sink.hit(i);
                });
            }
        }
        void run(asks<op::clear> auto const& r)
        {
            entries_->clear();
            r.sink.hit(0);
        }
        void run(asks<op::size> auto const& r) { r.sink.hit(0, entries_->size()); }

    private:
        static std::string text(auto const& key)
        {
            return key.joined([](std::string_view bytes) { return std::string{bytes}; });
        }

        template <class R, class F> void each(R const& r, F&& f)
        {
            for (std::size_t i = 0; i < r.keys.size(); ++i) {
                if (auto const found = entries_->find(text(r.keys[i])); found == entries_->end()) {
                    r.sink.miss(i);
                } else {
                    f(i, found);
                }
            }
        }

        Entries entries_;
    };
};

} // namespace strata
