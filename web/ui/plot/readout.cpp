#include "web/ui/plot/readout.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "web/ui/plot/layers.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

struct Reading {
  std::string label, value;
  ImU32 colour;
};

// The vertex of a curve nearest to x; -1: none is finite.
int nearest_vertex(const Curve& curve, double x) {
  int best = -1;
  double least = 0;
  for (std::size_t i = 0; i < curve.count(); ++i) {
    const double distance = std::abs(static_cast<double>(curve.x[i]) - x);
    if (!std::isfinite(curve.y[i]) || !(best < 0 || distance < least)) continue;
    best = static_cast<int>(i);
    least = distance;
  }
  return best;
}

}  // namespace

void draw_readout(Ui& ui, const HiddenLayers& hidden, const PlotView& view, const Plot& plot,
                  double x) {
  const Theme& colours = ui.colours();
  std::vector<Reading> readings;
  std::vector<ImVec2> dots;
  double shown = x;
  for (const Layer& layer : plot.layers) {
    const auto* curve = std::get_if<Curve>(&layer.shape);
    if (!curve || layer.label.empty() || is_hidden(hidden, plot, layer)) continue;
    const int at = nearest_vertex(*curve, x);
    if (at < 0) continue;
    const auto i = static_cast<std::size_t>(at);
    if (readings.empty()) shown = static_cast<double>(curve->x[i]);
    readings.push_back(
        {layer.label, number_text(static_cast<double>(curve->y[i])), layer_colour(colours, layer)});
    dots.push_back(view.at(static_cast<double>(curve->x[i]), static_cast<double>(curve->y[i])));
  }
  if (readings.empty()) return;
  const float line = view.at(shown, view.log_y ? 1 : 0).x;
  if (line < view.area.x - 1 || line > view.area.right() + 1) return;
  ui.rule({line, view.area.y}, {line, view.area.bottom()}, with_alpha(colours.muted, 0.6f));
  for (std::size_t i = 0; i < dots.size(); ++i)
    if (view.area.inset(-3, -3).contains(dots[i]))
      ui.draw()->AddCircleFilled(dots[i], 3, readings[i].colour, 12);

  const std::string head =
      (plot.x.label.empty() ? std::string("at ") : plot.x.label + " ") + number_text(shown);
  float label_width = 0, value_width = 0;
  for (const Reading& each : readings) {
    label_width = std::max(label_width, ui.text_width(Face::small, each.label));
    value_width = std::max(value_width, ui.text_width(Face::mono_small, each.value));
  }
  constexpr float row = 17, pad = 8;
  const float width =
      std::max(label_width + 14 + value_width + 14, ui.text_width(Face::mono_small, head)) +
      2 * pad;
  const float height = row * static_cast<float>(readings.size() + 1) + 2 * pad - 4;
  const bool left = line + 10 + width > view.area.right() && line - 10 - width > view.area.x - 30;
  const Rect box{left ? line - 10 - width : line + 10, view.area.y + 2, width, height};
  ui.draw()->AddRectFilled(box.min(), box.max(), with_alpha(colours.panel, 0.94f), 7);
  ui.outline(box, colours.line, 7);
  float y = box.y + pad + row / 2 - 2;
  ui.text(Face::mono_small, box.x + pad, y, colours.muted, head);
  for (const Reading& each : readings) {
    y += row;
    ui.draw()->AddCircleFilled({box.x + pad + 3, y}, 3, each.colour, 12);
    ui.text(Face::small, box.x + pad + 14, y, colours.muted, each.label);
    ui.text(Face::mono_small, box.right() - pad, y, colours.text, each.value, Align::right);
  }
}

}  // namespace neural_ode::web
