#include "playground/picture/write/frame_svg.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "playground/picture/camera.h"
#include "playground/picture/write/svg_cells.h"
#include "playground/picture/write/svg_legend.h"
#include "playground/picture/write/svg_markup.h"

namespace neural_ode {

namespace {

using namespace svg;

constexpr double hero_size = 560, side_width = 380, gap = 24, title_height = 52, axis_height = 34,
                 axis_width = 46;

std::string_view group_colour(const Layer& layer, std::size_t i) {
  if (i >= layer.group.size()) return layer_colour(layer);
  return role_colour(layer.group[i] == 0 ? Role::class_a : Role::class_b);
}

std::string point_colour(const Layer& layer, std::size_t i, bool spatial) {
  if (spatial || i >= layer.z.size()) return std::string(group_colour(layer, i));
  const float range = layer.z_max - layer.z_min;
  return scale_colour(range > 0 ? static_cast<double>((layer.z[i] - layer.z_min) / range) : 0.0);
}

// One plot in its rectangle.
class Drawing {
 public:
  Drawing(const Plot& plot, double left, double top, double width, double height, int id)
      : plot_(plot), left_(left), top_(top), width_(width), height_(height), id_(id) {
    if (!plot.spatial) return;
    seen_ = projected(plot, Camera());
    const double half = seen_half / std::min(width, height);
    horizontal_ = {"", -half * width, half * width};
    vertical_ = {"", -half * height, half * height};
  }

  std::string draw() {
    frame();
    if (plot_.spatial) space();
    for (const Layer& layer : plot_.spatial ? seen_.layers : plot_.layers) draw(layer);
    svg_ << "</g>\n<rect x=\"" << left_ << "\" y=\"" << top_ << "\" width=\"" << width_
         << "\" height=\"" << height_ << "\" rx=\"8\" fill=\"none\""
         << " stroke=\"" << line << "\"/>\n";
    legend();
    return svg_.text();
  }

 private:
  double x(double value) const { return left_ + width_ * share(horizontal_, value); }
  double y(double value) const { return top_ + height_ * (1 - share(vertical_, value)); }

  // Far outside points are kept near: viewers differ in what they do with huge coordinates.
  static double share(const Axis& axis, double value) {
    const double low = scaled(axis, axis.minimum), high = scaled(axis, axis.maximum);
    const double at = (scaled(axis, value) - low) / (high - low);
    return std::isfinite(at) ? std::clamp(at, -4.0, 5.0) : 0.0;
  }

  void frame() {
    svg_.write(left_, top_ - 28, plot_.title, "start", 15, text_colour, true);
    svg_.write(left_, top_ - 11, plot_.caption, "start", 11, muted);
    const std::string clip = "clip" + std::to_string(id_);
    Markup box;
    box << "x=\"" << left_ << "\" y=\"" << top_ << "\" width=\"" << width_ << "\" height=\""
        << height_ << "\" rx=\"8\"";
    svg_ << "<clipPath id=\"" << clip << "\"><rect " << box.text() << "/></clipPath>\n<rect "
         << box.text() << " fill=\"" << panel << "\"/>\n";
    if (!plot_.spatial) grid();
    svg_ << "<g clip-path=\"url(#" << clip << ")\">\n";
  }

  void grid() {
    Markup grid, fine;
    for (const double tick : minor_ticks(plot_.x))
      fine << "M" << x(tick) << " " << top_ << "v" << height_;
    for (const double tick : minor_ticks(plot_.y))
      fine << "M" << left_ << " " << y(tick) << "h" << width_;
    for (const double value : ticks(plot_.x)) {
      grid << "M" << x(value) << " " << top_ << "v" << height_;
      tick(x(value), top_ + height_ + 16, "middle", tick_label(plot_.x, value));
    }
    for (const double value : ticks(plot_.y)) {
      grid << "M" << left_ << " " << y(value) << "h" << width_;
      tick(left_ - 6, y(value) + 4, "end", tick_label(plot_.y, value));
    }
    svg_.write(left_ + width_, top_ + height_ + 30, plot_.x.label, "end", 11, muted);
    label_y();
    svg_ << "<path d=\"" << fine.text() << "\" stroke=\"" << line
         << "\" stroke-width=\"0.5\" stroke-opacity=\"0.5\"/>\n<path d=\"" << grid.text()
         << "\" stroke=\"" << line << "\" stroke-width=\"0.8\"/>\n";
  }

  // The ground and the axes of a plot in space; their scale is that of the ground.
  void space() {
    const Projection projection(plot_, Camera());
    const Layer ground = projected(ground_lines(plot_), projection);
    const Layer axes = projected(space_axes(plot_), projection);
    for (const Layer* lines : {&ground, &axes}) {
      for (std::size_t i = 0; i + 1 < lines->x.size(); i += 2)
        stroke(vertices(*lines, i, i + 2), *lines, lines == &axes ? muted : line, 0.8, 1);
    }
    const Axis* names[3] = {&plot_.x, &plot_.y, &plot_.z};
    for (std::size_t d = 0; d < 3; ++d) {
      svg_.write(x(1.06 * static_cast<double>(axes.x[2 * d + 1])),
                 y(1.06 * static_cast<double>(axes.y[2 * d + 1])) + 4, names[d]->label, "middle",
                 11, muted);
    }
    svg_.write(left_ + width_ - 8, top_ + 16,
               "lines of the ground: every " + tick_label(plot_.x, ground_spacing(plot_)), "end",
               11, muted);
  }

  // `words` is SVG text already.
  void tick(double at_x, double at_y, std::string_view anchor, std::string_view words) {
    svg_ << "<text x=\"" << at_x << "\" y=\"" << at_y << "\" text-anchor=\"" << anchor
         << "\" font-size=\"11\" fill=\"" << muted << "\">" << words << "</text>\n";
  }

  // A label that is too long for the corner runs along the axis.
  void label_y() {
    if (plot_.y.label.size() <= 6) {
      svg_.write(left_ - 6, top_ - 2, plot_.y.label, "end", 11, muted);
      return;
    }
    const double at_x = left_ - 44, at_y = top_;
    svg_ << "<g transform=\"rotate(-90 " << at_x << " " << at_y << ")\">";
    svg_.write(at_x, at_y, plot_.y.label, "end", 11, muted);
    svg_ << "</g>\n";
  }

  void draw(const Layer& layer) {
    switch (layer.kind) {
      case LayerKind::heatmap:
        if (layer.z.size() >=
            static_cast<std::size_t>(layer.nx) * static_cast<std::size_t>(layer.ny))
          cells(refined(layer));
        break;
      case LayerKind::image:
        cells(layer);
        break;
      case LayerKind::points:
        points(layer);
        break;
      case LayerKind::paths:
        paths(layer);
        break;
      case LayerKind::arrows:
        arrows(layer);
        break;
      case LayerKind::curve:
        curve(layer);
        break;
      case LayerKind::band:
        band(layer);
        break;
      case LayerKind::histogram:
        histogram(layer);
        break;
    }
  }

  void curve(const Layer& layer) {
    const std::size_t count = std::min(layer.x.size(), layer.y.size());
    stroke(vertices(layer, 0, count), layer, layer_colour(layer), 1.8, layer.faint ? 0.4 : 1.0);
    constexpr double mark_room = 8;
    if (layer.series < 0 || mark_room * static_cast<double>(count) > width_) return;
    const SeriesStyle style = series_style(layer.series);
    for (std::size_t i = 0; i < count; ++i) {
      svg_.mark(x(static_cast<double>(layer.x[i])), y(static_cast<double>(layer.y[i])),
                style.marker, style.colour, style.hollow);
    }
  }

  // Neighbouring cells of the same colour in a row become one rectangle.
  void cells(const Layer& layer) {
    const auto nx = static_cast<std::size_t>(std::max(layer.nx, 0));
    const auto ny = static_cast<std::size_t>(std::max(layer.ny, 0));
    if (nx == 0 || ny == 0 || layer.z.size() < nx * ny || layer.x.size() < 2 ||
        layer.y.size() < 2) {
      return;
    }
    const bool image = layer.kind == LayerKind::image;
    svg_ << "<g shape-rendering=\"crispEdges\">\n";
    for (std::size_t j = 0; j < ny; ++j) {
      for (std::size_t i = 0; i < nx;) {
        const std::string colour = cell_colour(layer, layer.z[j * nx + i]);
        std::size_t end = i + 1;
        while (end < nx && cell_colour(layer, layer.z[j * nx + end]) == colour) ++end;
        const double x0 = edge(layer.x, i, nx), x1 = edge(layer.x, end, nx);
        const std::size_t row = image ? ny - 1 - j : j;
        const double y0 = edge(layer.y, row, ny), y1 = edge(layer.y, row + 1, ny);
        svg_ << "<rect x=\"" << x(x0) << "\" y=\"" << y(y1) << "\" width=\"" << (x(x1) - x(x0))
             << "\" height=\"" << (y(y0) - y(y1)) << "\" fill=\"" << colour << "\"/>\n";
        i = end;
      }
    }
    svg_ << "</g>\n";
  }

  static double edge(const std::vector<float>& range, std::size_t i, std::size_t n) {
    const auto low = static_cast<double>(range[0]), high = static_cast<double>(range[1]);
    return low + (high - low) * static_cast<double>(i) / static_cast<double>(n);
  }

  void points(const Layer& layer) {
    for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i) {
      svg_ << "<circle cx=\"" << x(static_cast<double>(layer.x[i])) << "\" cy=\""
           << y(static_cast<double>(layer.y[i])) << "\" r=\"" << (layer.faint ? "2" : "2.6")
           << "\" fill=\"" << point_colour(layer, i, plot_.spatial) << "\" fill-opacity=\""
           << (layer.faint ? "0.35" : "0.85") << "\"/>\n";
    }
  }

  Markup vertices(const Layer& layer, std::size_t first, std::size_t last) const {
    Markup path;
    for (std::size_t i = first; i < last; ++i) {
      path << (i == first ? "M" : "L") << x(static_cast<double>(layer.x[i])) << " "
           << y(static_cast<double>(layer.y[i]));
    }
    return path;
  }

  void stroke(const Markup& path, const Layer& layer, std::string_view colour, double width,
              double opacity) {
    if (path.empty()) return;
    svg_ << "<path d=\"" << path.text() << "\" fill=\"none\" stroke=\"" << colour
         << "\" stroke-width=\"" << width << "\" stroke-opacity=\"" << opacity
         << "\" stroke-linejoin=\"round\"" << (layer.dashed ? " stroke-dasharray=\"5 4\"" : "")
         << "/>\n";
  }

  void paths(const Layer& layer) {
    const std::size_t count = std::min(layer.x.size(), layer.y.size());
    for (std::size_t i = 0; i < layer.starts.size(); ++i) {
      const std::size_t first = layer.starts[i];
      const std::size_t last = i + 1 < layer.starts.size() ? layer.starts[i + 1] : count;
      if (first >= last || last > count) continue;
      const bool many = layer.starts.size() > 16;
      stroke(vertices(layer, first, last), layer, group_colour(layer, i), many ? 0.9 : 2,
             layer.faint || many ? 0.55 : 0.95);
      if (!layer.times.empty()) {
        svg_ << "<circle cx=\"" << x(static_cast<double>(layer.x[last - 1])) << "\" cy=\""
             << y(static_cast<double>(layer.y[last - 1]))
             << "\" r=\"3.2\" stroke=\"#ffffff\" stroke-width=\"0.8\" fill=\""
             << group_colour(layer, i) << "\"/>\n";
      }
    }
  }

  // Lengths are compressed to the square root, so that slow regions can be read beside fast ones.
  void arrows(const Layer& layer) {
    const std::size_t count =
        std::min({layer.x.size(), layer.y.size(), layer.u.size(), layer.v.size()});
    double longest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto u = static_cast<double>(layer.u[i]), v = static_cast<double>(layer.v[i]);
      longest = std::max(longest, std::sqrt(u * u + v * v));
    }
    if (!(longest > 0) || !std::isfinite(longest)) return;
    const double cell = width_ / std::max(layer.nx, 1);
    Markup path;
    for (std::size_t i = 0; i < count; ++i) {
      const auto u = static_cast<double>(layer.u[i]), v = static_cast<double>(layer.v[i]);
      const double norm = std::sqrt(u * u + v * v);
      if (!(norm > 1e-6 * longest)) continue;
      const double size = 0.85 * cell * std::sqrt(norm / longest);
      const double dx = u / norm * size, dy = -v / norm * size;
      const double x0 = x(static_cast<double>(layer.x[i])) - dx / 2;
      const double y0 = y(static_cast<double>(layer.y[i])) - dy / 2;
      path << "M" << x0 << " " << y0 << "l" << dx << " " << dy << "M"
           << (x0 + dx - 0.35 * dx + 0.2 * dy) << " " << (y0 + dy - 0.35 * dy - 0.2 * dx) << "L"
           << (x0 + dx) << " " << (y0 + dy) << "L" << (x0 + dx - 0.35 * dx - 0.2 * dy) << " "
           << (y0 + dy - 0.35 * dy + 0.2 * dx);
    }
    stroke(path, layer, role_colour(layer.role), layer.faint ? 1.6 : 1, 0.7);
  }

  void band(const Layer& layer) {
    const std::size_t count = std::min({layer.x.size(), layer.y.size(), layer.z.size()});
    if (count < 2) return;
    Markup path = vertices(layer, 0, count);
    for (std::size_t i = plot_.spatial ? 0 : count; i-- > 0;) {
      path << "L" << x(static_cast<double>(layer.x[i])) << " "
           << y(static_cast<double>(layer.z[i]));
    }
    svg_ << "<path d=\"" << path.text() << "Z\" fill=\"" << role_colour(layer.role)
         << "\" fill-opacity=\"0.18\"/>\n";
  }

  void histogram(const Layer& layer) {
    for (std::size_t i = 0; i + 1 < layer.x.size() && i < layer.y.size(); ++i) {
      const double x0 = x(static_cast<double>(layer.x[i]));
      const double x1 = x(static_cast<double>(layer.x[i + 1]));
      const double bottom = y(std::max(0.0, plot_.y.minimum));
      const double height = std::max(bottom - y(static_cast<double>(layer.y[i])), 0.0);
      svg_ << "<rect x=\"" << (x0 + 0.5) << "\" y=\"" << (bottom - height) << "\" width=\""
           << (std::max(x1 - x0 - 1, 0.5)) << "\" height=\"" << height << "\" fill=\""
           << role_colour(layer.role) << "\" fill-opacity=\"0.7\"/>\n";
    }
  }

  void legend() {
    if (plot_.legend_beside) return draw_legend_beside(svg_, plot_, left_ + width_, top_, height_);
    double at = left_ + 10;
    const double row = top_ + height_ - 12;
    for (const Layer& layer : plot_.layers) {
      if (layer.label.empty() || layer.kind == LayerKind::heatmap) continue;
      const std::string_view colour = layer.group.empty() ? layer_colour(layer) : muted;
      const double width = 24 + 6.2 * static_cast<double>(layer.label.size());
      if (at + width > left_ + width_) break;
      if (layer.kind == LayerKind::points) {
        svg_ << "<circle cx=\"" << at + 6 << "\" cy=\"" << row - 4 << "\" r=\"3\" fill=\"" << colour
             << "\"/>\n";
      } else {
        svg_ << "<path d=\"M" << at << " " << row - 4 << "h14\" stroke-width=\"2\""
             << (layer.dashed ? " stroke-dasharray=\"4 3\"" : "") << " stroke=\"" << colour
             << "\"/>\n";
      }
      svg_.write(at + 18, row, layer.label, "start", 11, muted);
      at += width;
    }
  }

  const Plot& plot_;
  Plot seen_;  // of a plot in space
  Axis horizontal_ = plot_.x, vertical_ = plot_.y;
  double left_, top_, width_, height_;
  int id_;
  Markup svg_;
};

}  // namespace

std::string frame_to_svg(const Frame& frame) {
  const std::size_t sides = frame.plots.empty() ? 0 : frame.plots.size() - 1;
  // More than four below each other would be too low to read.
  const std::size_t columns = sides > 4 ? (sides + 2) / 3 : std::min<std::size_t>(sides, 1);
  const std::size_t rows = columns > 0 ? (sides + columns - 1) / columns : 0;
  const double top = gap + title_height, left = gap + axis_width;
  const double hero_end =
      left + hero_size + (frame.plots.empty() ? 0 : legend_width(frame.plots[0]));
  const double column_width = gap + axis_width + side_width;
  const double width = hero_end + gap + static_cast<double>(columns) * column_width;
  const double height = top + hero_size + axis_height + gap;
  Markup drawing;
  drawing << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << " " << height
          << "\" width=\"" << width << "\" height=\"" << height
          << "\" font-family=\"Inter, 'Segoe UI', Helvetica, Arial, sans-serif\">\n<title>"
          << escape(frame.plots.empty() ? "" : frame.plots.front().title) << "</title>\n<desc>"
          << escape(frame.description) << "</desc>\n<rect width=\"100%\" height=\"100%\" fill=\""
          << background << "\"/>\n";
  for (std::size_t i = 0; i < frame.plots.size(); ++i) {
    if (i == 0) {
      drawing << Drawing(frame.plots[i], left, top, hero_size, hero_size, 0).draw();
      continue;
    }
    const std::size_t row = (i - 1) % rows, column = (i - 1) / rows;
    const double side_left =
        hero_end + gap + axis_width + static_cast<double>(column) * column_width;
    const double slot = (hero_size + axis_height) / static_cast<double>(rows);
    const double slot_top = top + static_cast<double>(row) * slot;
    const double inset = row == 0 ? 0 : title_height;
    drawing << Drawing(frame.plots[i], side_left, slot_top + inset,
                       side_width - legend_width(frame.plots[i]), slot - inset - axis_height,
                       static_cast<int>(i))
                   .draw();
  }
  drawing << "</svg>\n";
  return drawing.text();
}

}  // namespace neural_ode
