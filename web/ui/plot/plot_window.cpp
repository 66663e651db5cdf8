#include "web/ui/plot/plot_window.h"

#include <algorithm>

namespace neural_ode::web {

namespace {

constexpr double least = 0.5, most = 2000;

}  // namespace

PlotView seen_through(const PlotWindow& window, PlotView view) {
  const double width = view.x1 - view.x0, height = view.y1 - view.y0;
  const double x = view.x0 + (0.5 + window.dx) * width, y = view.y0 + (0.5 + window.dy) * height;
  const double half = 0.5 / window.zoom;
  view.x0 = x - half * width;
  view.x1 = x + half * width;
  view.y0 = y - half * height;
  view.y1 = y + half * height;
  return view;
}

void zoom_about(PlotWindow& window, const PlotView& fitted, ImVec2 at, double factor) {
  const Rect& area = fitted.area;
  const double u = static_cast<double>((at.x - area.x) / area.w) - 0.5;
  const double v = static_cast<double>((area.bottom() - at.y) / area.h) - 0.5;
  const double zoom = std::clamp(window.zoom * factor, least, most);
  window.dx += u / window.zoom - u / zoom;
  window.dy += v / window.zoom - v / zoom;
  window.zoom = zoom;
}

void drag_by(PlotWindow& window, const PlotView& fitted, ImVec2 pixels) {
  window.dx -= static_cast<double>(pixels.x / fitted.area.w) / window.zoom;
  window.dy += static_cast<double>(pixels.y / fitted.area.h) / window.zoom;
}

}  // namespace neural_ode::web
