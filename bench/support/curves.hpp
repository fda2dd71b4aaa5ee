#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Curves over a logarithmic axis, drawn as SVG: one panel under the other, one line for each name.
namespace bench {

struct curve_style {
    std::string name;
    char const* colour;
    double width;         ///< Of the line, in pixels.
    char const* dashes; ///< As `stroke-dasharray` has them; empty: none.
};

struct curve_panel {
    std::string title;
    std::vector<std::pair<double, std::vector<double>>> points; ///< An x, and the y of each style.
};

class curves {
public:
    /// Throws `std::runtime_error`, naming the file, if that cannot be written; so does `draw`.
    explicit curves(std::string const& file) : file_{file}, out_{file} { check(); }

    void draw(std::vector<curve_panel> const& panels, std::vector<curve_style> const& styles)
    {
        auto const all = (height + 90) * static_cast<double>(panels.size());
        out_ << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " << left + width + 150 << ' ' << all
             << "' font-family='sans-serif' font-size='12' fill='#333'>\n"
             << "<rect width='100%' height='100%' fill='#fff'/>\n";
        double top = 40;
        for (auto const& panel : panels) {
            draw(panel, styles, top);
            top += height + 90;
        }
        out_ << "</svg>\n" << std::flush;
        check();
    }

private:
    static constexpr double left = 50;
    static constexpr double width = 600;
    static constexpr double height = 300;

    void draw(curve_panel const& panel, std::vector<curve_style> const& styles, double top)
    {
        double const first = std::log10(panel.points.front().first);
        double const last = std::log10(panel.points.back().first);
        double highest = 0;
        for (auto const& [x, ys] : panel.points) highest = std::max(highest, *std::max_element(ys.begin(), ys.end()));
        double const limit = std::ceil(highest * 10) / 10;
        auto const across = [&](double x) {
            return left + (last > first ? (std::log10(x) - first) / (last - first) : 0.5) * width;
        };
        auto const down = [&](double y) { return top + (1 - y / limit) * height; };

        text(left, top - 12, panel.title, "#000");
        for (int tenths = 0; tenths <= static_cast<int>(std::lround(limit * 10)); tenths += 2) {
            double const y = down(tenths / 10.0);
            line(left, y, left + width, y);
            text(left - 24, y + 4, tenths == 0 ? "0" : tenths == 10 ? "1" : "." + std::to_string(tenths), "#333");
        }
        for (auto const& [x, ys] : panel.points) {
            line(across(x), top, across(x), top + height);
            out_ << "<text text-anchor='middle' x='" << across(x) << "' y='" << top + height + 18 << "'>" << x * 100
                 << " %</text>\n";
        }
        for (std::size_t k = 0; k < styles.size(); ++k) {
            auto const& style = styles[k];
            out_ << "<polyline fill='none' stroke='" << style.colour << "' stroke-width='" << style.width
                 << "' stroke-dasharray='" << style.dashes << "' points='";
            for (auto const& [x, ys] : panel.points) out_ << across(x) << ',' << down(ys[k]) << ' ';
            out_ << "'/>\n";
        }
        legend(panel, styles, top);
    }

    /// Names from the highest curve to the lowest, as they lie in the middle of the panel.
    void legend(curve_panel const& panel, std::vector<curve_style> const& styles, double top)
    {
        auto const& middle = panel.points[panel.points.size() / 2].second;
        std::vector<std::size_t> order(styles.size());
        for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return middle[a] > middle[b]; });
        double y = top + 10;
        for (auto const k : order) {
            out_ << "<line x1='" << left + width + 14 << "' x2='" << left + width + 40 << "' y1='" << y - 4 << "' y2='"
                 << y - 4 << "' stroke='" << styles[k].colour << "' stroke-width='" << styles[k].width
                 << "' stroke-dasharray='" << styles[k].dashes << "'/>\n";
            text(left + width + 46, y, styles[k].name, styles[k].colour);
            y += 20;
        }
    }

    void line(double x1, double y1, double x2, double y2)
    {
        out_ << "<line x1='" << x1 << "' y1='" << y1 << "' x2='" << x2 << "' y2='" << y2 << "' stroke='#e4e4e4'/>\n";
    }
    void text(double x, double y, std::string const& what, char const* colour)
    {
        out_ << "<text x='" << x << "' y='" << y << "' fill='" << colour << "'>" << what << "</text>\n";
    }

    void check() const
    {
        if (!out_) throw std::runtime_error{file_ + ": cannot be written"};
    }

    std::string file_;
    std::ofstream out_;
};

} // namespace bench
