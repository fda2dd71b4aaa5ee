#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// What many threads did to a few keys, and whether each value that they read could have been there.
namespace test {

/// Something that was done to one key between two times. A batch is one for each of its keys.
struct event {
    using time = std::int64_t; ///< Nanoseconds of the steady clock.
    static constexpr time never = std::numeric_limits<time>::max();

    enum kind { write, removal, read } what = read;
    int key = 0;
    std::uint64_t value = 0; ///< Of a write, or what a read found; 0: nothing.
    time start = 0;
    time end = 0;
    bool certain = true; ///< False: it failed, and may have been done at any time since its start, or never.
};

[[nodiscard]] inline event::time now()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// A value that names its key and its number, of one of many lengths.
[[nodiscard]] inline std::string text_of(int key, std::uint64_t value)
{
    std::string text = "key " + std::to_string(key) + " value " + std::to_string(value) + " ";
    text.append(value % 13 == 0 ? 20'000 : value % 200, static_cast<char>('a' + value % 26));
    return text;
}

/// The number in a text; 0 for one that is no whole value of this key.
[[nodiscard]] inline std::uint64_t value_in(int key, std::string_view text)
{
    std::string const before = "key " + std::to_string(key) + " value ";
    if (!text.starts_with(before)) return 0;
    std::uint64_t value = 0;
    for (char const c : text.substr(before.size())) {
        if (c < '0' || c > '9') break;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return text == text_of(key, value) ? value : 0;
}

/// Events of all threads, and their judgement:
///
/// - a value that was read was written under that key, by a write that began before the read ended;
/// - it had not surely been replaced: no other write, removal or sight of nothing lies wholly between the time at which
///   the value was certainly there and the start of the read. A write is certain when it succeeded, and at the latest
///   when somebody has read its value;
/// - nothing was found only where something may have been removed, if entries go in no other way.
class history {
public:
    void add(std::vector<event> const& events) { events_.insert(events_.end(), events.begin(), events.end()); }

    struct verdict {
        std::size_t reads = 0;
        std::size_t unwritten = 0; ///< Values that nobody had written under the key by then.
        std::size_t replaced = 0;  ///< Values that had surely been replaced or removed.
        std::size_t lost = 0;      ///< Nothing found where there surely was something.

        [[nodiscard]] std::size_t impossible() const { return unwritten + replaced + lost; }

        friend std::ostream& operator<<(std::ostream& out, verdict const& v)
        {
            return out << v.reads << " reads: " << v.unwritten << " of values never written, " << v.replaced
                       << " of values replaced before, " << v.lost << " misses of what was there";
        }
    };

    /// `entries_stay`: nothing but a removal makes an entry go.
    [[nodiscard]] verdict judge(bool entries_stay) const
    {
        std::unordered_map<int, std::vector<event>> by_key;
        for (auto const& one : events_) by_key[one.key].push_back(one);
        verdict all;
        for (auto const& [key, events] : by_key) judge(events, entries_stay, all);
        return all;
    }

private:
    using time = event::time;

    /// Of intervals, the latest start among those that end before a time.
    class latest_start {
    public:
        void add(time start, time end) { ends_.emplace_back(end, start); }
        void sort()
        {
            std::sort(ends_.begin(), ends_.end());
            for (std::size_t i = 1; i < ends_.size(); ++i) {
                ends_[i].second = std::max(ends_[i].second, ends_[i - 1].second);
            }
        }
        [[nodiscard]] time before(time limit) const
        {
            auto const at = std::lower_bound(ends_.begin(), ends_.end(), std::pair{limit, time{0}});
            return at == ends_.begin() ? -1 : std::prev(at)->second;
        }

    private:
        std::vector<std::pair<time, time>> ends_;
    };

    static void judge(std::vector<event> const& events, bool entries_stay, verdict& all)
    {
        struct life {
            time start;   ///< Of the write.
            time certain; ///< The value was there at this time at the latest.
        };
        std::unordered_map<std::uint64_t, life> lives;
        for (auto const& one : events) {
            if (one.what == event::write) lives[one.value] = {one.start, one.certain ? one.end : event::never};
        }
        for (auto const& one : events) {
            if (one.what != event::read || one.value == 0) continue;
            if (auto const at = lives.find(one.value); at != lives.end()) {
                at->second.certain = std::min(at->second.certain, one.end);
            }
        }

        latest_start changes; // after such an interval, what was there before it is not there any more
        latest_start stored;
        std::vector<std::pair<time, time>> removals;
        for (auto const& one : events) {
            if (one.what == event::write) {
                changes.add(one.start, lives.at(one.value).certain);
                if (one.certain) stored.add(one.start, one.end);
            } else if (one.what == event::removal) {
                if (one.certain) changes.add(one.start, one.end);
                removals.emplace_back(one.start, one.certain ? one.end : event::never);
            } else if (one.value == 0) {
                changes.add(one.start, one.end);
            }
        }
        changes.sort();
        stored.sort();
        std::sort(removals.begin(), removals.end());
        for (std::size_t i = 1; i < removals.size(); ++i) {
            removals[i].second = std::max(removals[i].second, removals[i - 1].second);
        }

        for (auto const& one : events) {
            if (one.what != event::read) continue;
            ++all.reads;
            if (one.value != 0) {
                auto const at = lives.find(one.value);
                if (at == lives.end() || at->second.start > one.end) {
                    ++all.unwritten;
                } else if (changes.before(one.start) > at->second.certain) {
                    ++all.replaced;
                }
            } else if (entries_stay) {
                time const put = stored.before(one.start);
                auto const last = std::lower_bound(removals.begin(), removals.end(), std::pair{one.end, time{0}});
                time const removed = last == removals.begin() ? -1 : std::prev(last)->second;
                if (put >= 0 && removed < put) ++all.lost;
            }
        }
    }

    std::vector<event> events_;
};

} // namespace test
