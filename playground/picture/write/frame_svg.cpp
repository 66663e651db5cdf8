#include "playground/picture/write/frame_svg.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <variant>

#include "playground/picture/camera.h"
#include "playground/picture/write/svg_layers.h"
#include "playground/picture/write/svg_legend.h"
#include "playground/picture/write/svg_markup.h"

namespace neural_ode {

namespace {

using namespace svg;

constexpr double hero_size = 560, side_width = 380, gap = 24, title_height = 52, axis_height = 34,
                 axis_width = 46;

// One plot in its rectangle.
class Drawing {
 public:
  Drawing(const Plot& plot, double left, double top, double width, double height, int id)
      : plot_(plot), area_{left, top, width, height, plot.x, plot.y}, id_(id) {
    if (!plot.spatial) return;
    seen_ = projected(plot, Camera());
    const double half = seen_half / std::min(width, height);
    area_.horizontal = {"", -half * width, half * width};
    area_.vertical = {"", -half * height, half * height};
  }

  std::string draw() {
    frame();
    if (plot_.spatial) space();
    for (const Layer& layer : plot_.spatial ? seen_.layers : plot_.layers)
      draw_layer(svg_, area_, layer);
    svg_ << "</g>\n<rect x=\"" << area_.left << "\" y=\"" << area_.top << "\" width=\""
         << area_.width << "\" height=\"" << area_.height << "\" rx=\"8\" fill=\"none\""
         << " stroke=\"" << line << "\"/>\n";
    legend();
    return svg_.text();
  }

 private:
  void frame() {
    svg_.write(area_.left, area_.top - 28, plot_.title, "start", 15, text_colour, true);
    svg_.write(area_.left, area_.top - 11, plot_.caption, "start", 11, muted);
    const std::string clip = "clip" + std::to_string(id_);
    Markup box;
    box << "x=\"" << area_.left << "\" y=\"" << area_.top << "\" width=\"" << area_.width
        << "\" height=\"" << area_.height << "\" rx=\"8\"";
    svg_ << "<clipPath id=\"" << clip << "\"><rect " << box.text() << "/></clipPath>\n<rect "
         << box.text() << " fill=\"" << panel << "\"/>\n";
    if (!plot_.spatial) grid();
    svg_ << "<g clip-path=\"url(#" << clip << ")\">\n";
  }

  void grid() {
    Markup grid, fine;
    for (const double tick : minor_ticks(plot_.x))
      fine << "M" << area_.x(tick) << " " << area_.top << "v" << area_.height;
    for (const double tick : minor_ticks(plot_.y))
      fine << "M" << area_.left << " " << area_.y(tick) << "h" << area_.width;
    for (const double value : ticks(plot_.x)) {
      grid << "M" << area_.x(value) << " " << area_.top << "v" << area_.height;
      tick(area_.x(value), area_.top + area_.height + 16, "middle", tick_label(plot_.x, value));
    }
    for (const double value : ticks(plot_.y)) {
      grid << "M" << area_.left << " " << area_.y(value) << "h" << area_.width;
      tick(area_.left - 6, area_.y(value) + 4, "end", tick_label(plot_.y, value));
    }
    svg_.write(area_.left + area_.width, area_.top + area_.height + 30, plot_.x.label, "end", 11,
               muted);
    label_y();
    svg_ << "<path d=\"" << fine.text() << "\" stroke=\"" << line
         << "\" stroke-width=\"0.5\" stroke-opacity=\"0.5\"/>\n<path d=\"" << grid.text()
         << "\" stroke=\"" << line << "\" stroke-width=\"0.8\"/>\n";
  }

  // The ground and the axes of a plot in space; their scale is that of the ground.
  void space() {
    const Projection projection(plot_, Camera());
    Paths ground = ground_lines(plot_), axes = space_axes(plot_);
    for (Paths* lines : {&ground, &axes}) {
      project(*lines, projection);
      for (std::size_t i = 0; i + 1 < lines->count(); i += 2)
        stroke(svg_, polyline(area_, *lines, i, i + 2), {lines == &axes ? muted : line, 0.8});
    }
    const Axis* names[3] = {&plot_.x, &plot_.y, &plot_.z};
    for (std::size_t d = 0; d < 3; ++d) {
      svg_.write(area_.x(1.06 * static_cast<double>(axes.x[2 * d + 1])),
                 area_.y(1.06 * static_cast<double>(axes.y[2 * d + 1])) + 4, names[d]->label,
                 "middle", 11, muted);
    }
    svg_.write(area_.left + area_.width - 8, area_.top + 16,
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
      svg_.write(area_.left - 6, area_.top - 2, plot_.y.label, "end", 11, muted);
      return;
    }
    const double at_x = area_.left - 44, at_y = area_.top;
    svg_ << "<g transform=\"rotate(-90 " << at_x << " " << at_y << ")\">";
    svg_.write(at_x, at_y, plot_.y.label, "end", 11, muted);
    svg_ << "</g>\n";
  }

  void legend() {
    if (plot_.legend_beside)
      return draw_legend_beside(svg_, plot_, area_.left + area_.width, area_.top, area_.height);
    double at = area_.left + 10;
    const double row = area_.top + area_.height - 12;
    for (const Layer& layer : plot_.layers) {
      if (layer.label.empty() || std::holds_alternative<Heatmap>(layer.shape)) continue;
      const std::string_view colour = groups_of(layer).empty() ? layer_colour(layer) : muted;
      const double width = 24 + 6.2 * static_cast<double>(layer.label.size());
      if (at + width > area_.left + area_.width) break;
      if (std::holds_alternative<Points>(layer.shape)) {
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
  Area area_;
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
