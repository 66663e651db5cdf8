#include "web/ui/plot/preview.h"

#include <algorithm>

#include "web/ui/plot/layers.h"

namespace neural_ode::web {

namespace {

bool is_drawn(const Layer& layer) {
  return !layer.x.empty() && (layer.kind == LayerKind::points || layer.kind == LayerKind::paths ||
                              layer.kind == LayerKind::curve);
}

ImU32 colour_of(Ui& ui, const Layer& layer, std::size_t element) {
  return element < layer.group.size() ? class_colour(ui.colours(), layer.group[element])
                                      : layer_colour(ui.colours(), layer);
}

}  // namespace

bool has_preview(const Plot& plot) {
  return std::any_of(plot.layers.begin(), plot.layers.end(), is_drawn);
}

void draw_preview(Ui& ui, const Plot& plot, const Rect& area) {
  const PlotView view = fit(plot, area);
  for (const Layer& layer : plot.layers) {
    if (!is_drawn(layer)) continue;
    const std::size_t count = std::min(layer.x.size(), layer.y.size());
    if (layer.kind == LayerKind::points) {
      for (std::size_t i = 0; i < count; ++i)
        ui.draw()->AddCircleFilled(view.at(layer.x[i], layer.y[i]), 1.35f, colour_of(ui, layer, i),
                                   8);
      continue;
    }
    const std::size_t paths = std::max<std::size_t>(1, layer.starts.size());
    const bool thin = layer.faint || paths > 24;
    for (std::size_t k = 0; k < paths; ++k) {
      const std::size_t begin = layer.starts.empty() ? 0 : layer.starts[k];
      const std::size_t end = k + 1 < layer.starts.size() ? layer.starts[k + 1] : count;
      for (std::size_t i = begin; i < end && i < count; ++i)
        ui.draw()->PathLineTo(view.at(layer.x[i], layer.y[i]));
      const ImU32 colour = colour_of(ui, layer, k);
      ui.draw()->PathStroke(thin ? with_alpha(colour, 0.5f) : colour, 0, thin ? 1.0f : 1.6f);
    }
  }
}

}  // namespace neural_ode::web
