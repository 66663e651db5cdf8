#include "playground/picture/write/svg_layers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "playground/picture/write/svg_cells.h"

namespace neural_ode::svg {

namespace {

double share(const Axis& axis, double value) {
  const double low = scaled(axis, axis.minimum), high = scaled(axis, axis.maximum);
  const double at = (scaled(axis, value) - low) / (high - low);
  // Far outside points are kept near: viewers differ in what they do with huge coordinates.
  return std::isfinite(at) ? std::clamp(at, -4.0, 5.0) : 0.0;
}

double x_at(const Area& area, const Vertices& vertices, std::size_t i) {
  return area.x(static_cast<double>(vertices.x[i]));
}

double y_at(const Area& area, const Vertices& vertices, std::size_t i) {
  return area.y(static_cast<double>(vertices.y[i]));
}

std::string_view element_colour(const Layer& layer, const std::vector<std::uint32_t>& group,
                                std::size_t i) {
  if (i >= group.size()) return layer_colour(layer);
  return role_colour(group[i] == 0 ? Role::class_a : Role::class_b);
}

std::string point_colour(const Layer& layer, const Points& points, std::size_t i) {
  if (i >= points.value.size()) return std::string(element_colour(layer, points.group, i));
  const float range = points.value_max - points.value_min;
  return scale_colour(range > 0 ? static_cast<double>((points.value[i] - points.value_min) / range)
                                : 0.0);
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Points& points) {
  for (std::size_t i = 0; i < points.count(); ++i) {
    svg << "<circle cx=\"" << x_at(area, points, i) << "\" cy=\"" << y_at(area, points, i)
        << "\" r=\"" << (layer.faint ? "2" : "2.6") << "\" fill=\""
        << point_colour(layer, points, i) << "\" fill-opacity=\"" << (layer.faint ? "0.35" : "0.85")
        << "\"/>\n";
  }
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Paths& paths) {
  const std::size_t count = paths.count();
  const bool many = paths.starts.size() > 16;
  for (std::size_t i = 0; i < paths.starts.size(); ++i) {
    const std::size_t first = paths.starts[i];
    const std::size_t last = i + 1 < paths.starts.size() ? paths.starts[i + 1] : count;
    if (first >= last || last > count) continue;
    const std::string_view colour = element_colour(layer, paths.group, i);
    stroke(svg, polyline(area, paths, first, last),
           {colour, many ? 0.9 : 2, layer.faint || many ? 0.55 : 0.95, layer.dashed});
    if (!paths.times.empty()) {
      svg << "<circle cx=\"" << x_at(area, paths, last - 1) << "\" cy=\""
          << y_at(area, paths, last - 1)
          << "\" r=\"3.2\" stroke=\"#ffffff\" stroke-width=\"0.8\" fill=\"" << colour << "\"/>\n";
    }
  }
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Curve& curve) {
  const std::size_t count = curve.count();
  stroke(svg, polyline(area, curve, 0, count),
         {layer_colour(layer), 1.8, layer.faint ? 0.4 : 1.0, layer.dashed});
  constexpr double mark_room = 8;
  if (layer.series < 0 || mark_room * static_cast<double>(count) > area.width) return;
  const SeriesStyle style = series_style(layer.series);
  for (std::size_t i = 0; i < count; ++i)
    svg.mark(x_at(area, curve, i), y_at(area, curve, i), style.marker, style.colour, style.hollow);
}

void fill(Markup& svg, const Markup& path, Role role) {
  svg << "<path d=\"" << path.text() << "Z\" fill=\"" << role_colour(role)
      << "\" fill-opacity=\"0.18\"/>\n";
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Band& band) {
  const std::size_t count = band.count();
  if (count < 2) return;
  Markup path = polyline(area, {band.x, band.low}, 0, count);
  for (std::size_t i = count; i-- > 0;) {
    path << "L" << area.x(static_cast<double>(band.x[i])) << " "
         << area.y(static_cast<double>(band.high[i]));
  }
  fill(svg, path, layer.role);
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Polygon& polygon) {
  if (polygon.count() > 1) fill(svg, polyline(area, polygon, 0, polygon.count()), layer.role);
}

// Lengths are compressed to the square root, so that slow regions can be read beside fast ones.
void draw(Markup& svg, const Area& area, const Layer& layer, const Arrows& arrows) {
  const std::size_t count = arrows.count();
  double longest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto u = static_cast<double>(arrows.u[i]), v = static_cast<double>(arrows.v[i]);
    longest = std::max(longest, std::sqrt(u * u + v * v));
  }
  if (!(longest > 0) || !std::isfinite(longest)) return;
  const double cell = area.width / std::max(arrows.nx, 1);
  Markup path;
  for (std::size_t i = 0; i < count; ++i) {
    const auto u = static_cast<double>(arrows.u[i]), v = static_cast<double>(arrows.v[i]);
    const double norm = std::sqrt(u * u + v * v);
    if (!(norm > 1e-6 * longest)) continue;
    const double size = 0.85 * cell * std::sqrt(norm / longest);
    const double dx = u / norm * size, dy = -v / norm * size;
    const double x0 = x_at(area, arrows, i) - dx / 2, y0 = y_at(area, arrows, i) - dy / 2;
    path << "M" << x0 << " " << y0 << "l" << dx << " " << dy << "M"
         << (x0 + dx - 0.35 * dx + 0.2 * dy) << " " << (y0 + dy - 0.35 * dy - 0.2 * dx) << "L"
         << (x0 + dx) << " " << (y0 + dy) << "L" << (x0 + dx - 0.35 * dx - 0.2 * dy) << " "
         << (y0 + dy - 0.35 * dy + 0.2 * dx);
  }
  stroke(svg, path, {role_colour(layer.role), layer.faint ? 1.6 : 1, 0.7, layer.dashed});
}

double edge(const Interval& range, std::size_t i, std::size_t n) {
  const auto low = static_cast<double>(range.minimum), high = static_cast<double>(range.maximum);
  return low + (high - low) * static_cast<double>(i) / static_cast<double>(n);
}

// Neighbouring cells of the same colour in a row become one rectangle.
template <class Cells>
void draw_cells(Markup& svg, const Area& area, const Cells& grid, bool from_top) {
  if (grid.pictures() == 0) return;
  const auto nx = static_cast<std::size_t>(grid.nx), ny = static_cast<std::size_t>(grid.ny);
  svg << "<g shape-rendering=\"crispEdges\">\n";
  for (std::size_t j = 0; j < ny; ++j) {
    for (std::size_t i = 0; i < nx;) {
      const std::string colour = cell_colour(grid, grid.z[j * nx + i]);
      std::size_t end = i + 1;
      while (end < nx && cell_colour(grid, grid.z[j * nx + end]) == colour) ++end;
      const double x0 = area.x(edge(grid.x_range, i, nx)), x1 = area.x(edge(grid.x_range, end, nx));
      const std::size_t row = from_top ? ny - 1 - j : j;
      const double y0 = area.y(edge(grid.y_range, row, ny)),
                   y1 = area.y(edge(grid.y_range, row + 1, ny));
      svg << "<rect x=\"" << x0 << "\" y=\"" << y1 << "\" width=\"" << (x1 - x0) << "\" height=\""
          << (y0 - y1) << "\" fill=\"" << colour << "\"/>\n";
      i = end;
    }
  }
  svg << "</g>\n";
}

void draw(Markup& svg, const Area& area, const Layer&, const Heatmap& heatmap) {
  if (heatmap.pictures() > 0) draw_cells(svg, area, refined(heatmap), false);
}

void draw(Markup& svg, const Area& area, const Layer&, const Image& image) {
  draw_cells(svg, area, image, true);
}

void draw(Markup& svg, const Area& area, const Layer& layer, const Histogram& histogram) {
  const double bottom = area.y(std::max(0.0, area.vertical.minimum));
  for (std::size_t i = 0; i < histogram.count(); ++i) {
    const double x0 = area.x(static_cast<double>(histogram.edges[i]));
    const double x1 = area.x(static_cast<double>(histogram.edges[i + 1]));
    const double height = std::max(bottom - area.y(static_cast<double>(histogram.counts[i])), 0.0);
    svg << "<rect x=\"" << (x0 + 0.5) << "\" y=\"" << (bottom - height) << "\" width=\""
        << (std::max(x1 - x0 - 1, 0.5)) << "\" height=\"" << height << "\" fill=\""
        << role_colour(layer.role) << "\" fill-opacity=\"0.7\"/>\n";
  }
}

}  // namespace

double Area::x(double value) const {
  return left + width * share(horizontal, value);
}

double Area::y(double value) const {
  return top + height * (1 - share(vertical, value));
}

void draw_layer(Markup& svg, const Area& area, const Layer& layer) {
  std::visit([&](const auto& shape) { draw(svg, area, layer, shape); }, layer.shape);
}

Markup polyline(const Area& area, const Vertices& vertices, std::size_t first, std::size_t last) {
  Markup path;
  for (std::size_t i = first; i < last; ++i)
    path << (i == first ? "M" : "L") << x_at(area, vertices, i) << " " << y_at(area, vertices, i);
  return path;
}

void stroke(Markup& svg, const Markup& path, const Pen& pen) {
  if (path.empty()) return;
  svg << "<path d=\"" << path.text() << "\" fill=\"none\" stroke=\"" << pen.colour
      << "\" stroke-width=\"" << pen.width << "\" stroke-opacity=\"" << pen.opacity
      << "\" stroke-linejoin=\"round\"" << (pen.dashed ? " stroke-dasharray=\"5 4\"" : "")
      << "/>\n";
}

}  // namespace neural_ode::svg
