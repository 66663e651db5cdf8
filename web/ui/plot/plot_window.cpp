#include "web/ui/plot/plot_window.h"

#include <algorithm>

namespace neural_ode::web {

namespace {

constexpr double least = 0.5, most = 2000;

}  // namespace

PlotView seen_through(const PlotWindow& window, PlotView view) {
  const double width = view.x1 - view.x0, height = view.y1 - view.y0;
  const double x = view.x0 + (0.5 + window.dx) * width, y = view.y0 + (0.5 + window.dy) * height;
  const double half_x = 0.5 * width / window.zoom_x, half_y = 0.5 * height / window.zoom_y;
  view.x0 = x - half_x;
  view.x1 = x + half_x;
  view.y0 = y - half_y;
  view.y1 = y + half_y;
  return view;
}

void zoom_about(PlotWindow& window, const PlotView& fitted, ImVec2 at, double factor) {
  const Rect& area = fitted.area;
  const double u = static_cast<double>((at.x - area.x) / area.w) - 0.5;
  const double v = static_cast<double>((area.bottom() - at.y) / area.h) - 0.5;
  const double zoom_x = std::clamp(window.zoom_x * factor, least, most);
  const double zoom_y = std::clamp(window.zoom_y * factor, least, most);
  window.dx += u / window.zoom_x - u / zoom_x;
  window.dy += v / window.zoom_y - v / zoom_y;
  window.zoom_x = zoom_x;
  window.zoom_y = zoom_y;
}

PlotWindow window_onto(const PlotView& seen, const PlotView& fitted) {
  const double width = fitted.x1 - fitted.x0, height = fitted.y1 - fitted.y0;
  return {width / (seen.x1 - seen.x0), height / (seen.y1 - seen.y0),
          ((seen.x0 + seen.x1) / 2 - fitted.x0) / width - 0.5,
          ((seen.y0 + seen.y1) / 2 - fitted.y0) / height - 0.5};
}

void drag_by(PlotWindow& window, const PlotView& fitted, ImVec2 pixels) {
  window.dx -= static_cast<double>(pixels.x / fitted.area.w) / window.zoom_x;
  window.dy += static_cast<double>(pixels.y / fitted.area.h) / window.zoom_y;
}

}  // namespace neural_ode::web
