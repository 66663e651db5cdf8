#include "web/ui/plot/plot_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

struct Tick {
  double at;  // in the view's (possibly logarithmic) units
  std::string label;
};

double scaled(double value, bool logarithmic) {
  return logarithmic ? std::log10(std::max(value, 1e-300)) : value;
}

// 1, 2 or 5 times a power of ten, whichever comes nearest to `wanted` steps in the span.
double round_step(double span, double wanted) {
  const double raw = span / wanted, power = std::pow(10.0, std::floor(std::log10(raw)));
  const double part = raw / power;
  return power * (part < std::sqrt(2.0)    ? 1
                  : part < std::sqrt(10.0) ? 2
                  : part < std::sqrt(50.0) ? 5
                                           : 10);
}

std::vector<Tick> ticks(double low, double high, bool logarithmic, float pixels, float spacing) {
  std::vector<Tick> found;
  if (!(high > low)) return found;
  const double wanted = std::max(2.0f, pixels / spacing);
  if (logarithmic) {
    const double step = std::max(1.0, std::ceil((high - low) / wanted));
    for (double decade = std::ceil(low / step) * step; decade <= high; decade += step)
      found.push_back(
          {decade, decade == 0 ? "1" : "1e" + std::to_string(static_cast<int>(decade))});
    if (found.size() > 1) return found;
    // Less than two decades: 2 and 5 help.
    for (double decade = std::floor(low); decade <= high; ++decade)
      for (int digit : {2, 5}) {
        const double at = decade + std::log10(digit);
        if (at >= low && at <= high)
          found.push_back(
              {at, std::to_string(digit) + "e" + std::to_string(static_cast<int>(decade))});
      }
    return found;
  }
  const double step = round_step(high - low, wanted);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  for (double index = std::ceil(low / step - 1e-9); index * step <= high; ++index) {
    const double value = index * step;
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, index == 0 ? 0.0 : value);
    std::string label = decimals == 0 ? count_text(index == 0 ? 0.0 : value) : buffer;
    if (label[0] == '-') label.replace(0, 1, "−");
    found.push_back({value, std::move(label)});
  }
  return found;
}

}  // namespace

ImVec2 PlotView::at(double x, double y) const {
  const double u = (scaled(x, log_x) - x0) / (x1 - x0), v = (scaled(y, log_y) - y0) / (y1 - y0);
  return {area.x + static_cast<float>(u * area.w), area.bottom() - static_cast<float>(v * area.h)};
}

double PlotView::x_at(float screen) const {
  const double x = x0 + (x1 - x0) * static_cast<double>((screen - area.x) / area.w);
  return log_x ? std::pow(10.0, x) : x;
}

double PlotView::y_at(float screen) const {
  const double y = y0 + (y1 - y0) * static_cast<double>((area.bottom() - screen) / area.h);
  return log_y ? std::pow(10.0, y) : y;
}

PlotView fit(const Plot& plot, const Rect& area) {
  PlotView view;
  view.area = area;
  view.log_x = plot.x.logarithmic;
  view.log_y = plot.y.logarithmic;
  view.x0 = scaled(plot.x.minimum, view.log_x);
  view.x1 = scaled(plot.x.maximum, view.log_x);
  view.y0 = scaled(plot.y.minimum, view.log_y);
  view.y1 = scaled(plot.y.maximum, view.log_y);
  if (!(view.x1 > view.x0)) view.x1 = view.x0 + 1;
  if (!(view.y1 > view.y0)) view.y1 = view.y0 + 1;
  if (plot.equal_aspect && area.w > 1 && area.h > 1) {
    const double most_crop = plot.drawing == Plot::Drawing::pad ? 1 : 1.1;
    const double sx = area.w / (view.x1 - view.x0), sy = area.h / (view.y1 - view.y0);
    const double scale = std::min(std::min(sx, sy) * most_crop, std::max(sx, sy));
    const double cx = (view.x0 + view.x1) / 2, cy = (view.y0 + view.y1) / 2;
    view.x0 = cx - area.w / scale / 2;
    view.x1 = cx + area.w / scale / 2;
    view.y0 = cy - area.h / scale / 2;
    view.y1 = cy + area.h / scale / 2;
  }
  return view;
}

PlotView grown_to(const PlotView& view, const Rect& area) {
  const double across = (view.x1 - view.x0) / static_cast<double>(view.area.w),
               along = (view.y1 - view.y0) / static_cast<double>(view.area.h);
  PlotView grown = view;
  grown.area = area;
  grown.x0 = view.x0 - across * static_cast<double>(view.area.x - area.x);
  grown.x1 = grown.x0 + across * static_cast<double>(area.w);
  grown.y0 = view.y0 - along * static_cast<double>(area.bottom() - view.area.bottom());
  grown.y1 = grown.y0 + along * static_cast<double>(area.h);
  return grown;
}

void draw_axes(Ui& ui, const PlotView& view, AxisStyle style) {
  const Theme& colours = ui.colours();
  const Rect& area = view.area;
  const bool inside = style == AxisStyle::inside;
  const ImU32 grid = inside ? with_alpha(colours.text, 0.05f) : with_alpha(colours.line, 0.6f);
  const float half_text = ui.line_height(Face::mono_small) / 2;
  for (const Tick& tick : ticks(view.x0, view.x1, view.log_x, area.w, inside ? 130.0f : 72.0f)) {
    const float x = area.x + static_cast<float>((tick.at - view.x0) / (view.x1 - view.x0)) * area.w;
    if (inside) ui.rule({x, area.y}, {x, area.bottom()}, grid);
    const float half = ui.text_width(Face::mono_small, tick.label) / 2;
    const float margin = inside ? -4.0f : 8.0f;
    if (x - half < area.x - margin || x + half > area.right() + margin) continue;
    ui.text(Face::mono_small, x, inside ? area.bottom() - 14 : area.bottom() + 11, colours.muted,
            tick.label, Align::centre);
  }
  const float rows = inside ? 130.0f : std::clamp(area.h / 9, 26.0f, 60.0f);
  for (const Tick& tick : ticks(view.y0, view.y1, view.log_y, area.h, rows)) {
    const float y =
        area.bottom() - static_cast<float>((tick.at - view.y0) / (view.y1 - view.y0)) * area.h;
    ui.rule({area.x, y}, {area.right(), y}, grid);
    if (inside) continue;  // the horizontal labels say the scale of both axes
    if (y < area.y - half_text || y > area.bottom() + half_text) continue;
    ui.text(Face::mono_small, area.x - 6, y, colours.muted, tick.label, Align::right);
  }
}

}  // namespace neural_ode::web
