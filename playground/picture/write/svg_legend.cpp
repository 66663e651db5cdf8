#include "playground/picture/write/svg_legend.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace neural_ode::svg {
namespace {

constexpr double margin = 18, mark_width = 30, letter_width = 6.3, tallest_row = 24;
constexpr double bar_width = 14, bar_height = 200;

// Null: its points, if it has any, have no values.
const Points* scale_of(const Layer& layer) {
  const auto* points = std::get_if<Points>(&layer.shape);
  return points && !points->value.empty() ? points : nullptr;
}

std::string number(float value) {
  return tick_label({}, static_cast<double>(value));
}

void draw_scale(Markup& svg, const std::string& label, const Points& points, double left,
                double top) {
  constexpr int shades = 50;
  svg.write(left, top + 10, label, "start", 12, text_colour);
  const double bar_top = top + 22;
  svg << "<g shape-rendering=\"crispEdges\">\n";
  for (int i = 0; i < shades; ++i) {
    const double share = (i + 0.5) / shades;
    svg << "<rect x=\"" << left << "\" y=\"" << bar_top + bar_height * (1 - (i + 1.0) / shades)
        << "\" width=\"" << bar_width << "\" height=\"" << bar_height / shades + 0.5 << "\" fill=\""
        << scale_colour(share) << "\"/>\n";
  }
  svg << "</g>\n";
  svg.write(left + bar_width + 7, bar_top + 9, number(points.value_max), "start", 11, muted);
  svg.write(left + bar_width + 7, bar_top + bar_height, number(points.value_min), "start", 11,
            muted);
}

void draw_row(Markup& svg, const Layer& layer, double left, double y) {
  const std::string_view colour = layer_colour(layer);
  if (std::holds_alternative<Points>(layer.shape)) {
    svg << "<circle cx=\"" << left + 12 << "\" cy=\"" << y << "\" r=\"3\" fill=\"" << colour
        << "\"/>\n";
  } else {
    svg << "<path d=\"M" << left << " " << y << "h24\" stroke-width=\"1.8\" stroke=\"" << colour
        << "\"" << (layer.dashed ? " stroke-dasharray=\"5 4\"" : "") << "/>\n";
    if (layer.series >= 0) {
      const SeriesStyle style = series_style(layer.series);
      svg.mark(left + 12, y, style.marker, colour, style.hollow);
    }
  }
  svg.write(left + mark_width, y + 4, layer.label, "start", 12, text_colour);
}

}  // namespace

double legend_width(const Plot& plot) {
  if (!plot.legend_beside) return 0;
  std::size_t longest = 0;
  for (const Layer& layer : plot.layers)
    longest = std::max({longest, layer.label.size(), layer.heading.size()});
  return margin + mark_width + letter_width * static_cast<double>(longest);
}

void draw_legend_beside(Markup& svg, const Plot& plot, double left, double top, double height) {
  std::ptrdiff_t rows = 0;
  for (const Layer& layer : plot.layers)
    rows += (layer.label.empty() ? 0 : 1) + (layer.heading.empty() ? 0 : 1);
  const double row =
      std::min(tallest_row, height / static_cast<double>(std::max<std::ptrdiff_t>(rows, 1)));
  double y = top;
  for (const Layer& layer : plot.layers) {
    if (layer.label.empty()) continue;
    if (!layer.heading.empty()) {
      svg.write(left + margin, y + row / 2 + 4, layer.heading, "start", 11, muted, true);
      y += row;
    }
    if (const Points* points = scale_of(layer)) {
      draw_scale(svg, layer.label, *points, left + margin, y);
      y += bar_height + 2 * tallest_row;
    } else {
      draw_row(svg, layer, left + margin, y + row / 2);
      y += row;
    }
  }
}

}  // namespace neural_ode::svg
