#include "web/ui/plot/preview.h"

#include <algorithm>
#include <variant>

#include "web/ui/plot/layers.h"

namespace neural_ode::web {

namespace {

// Null: a thumbnail shows nothing of it.
const Vertices* vertices_of(const Layer& layer) {
  if (const auto* points = std::get_if<Points>(&layer.shape)) return points;
  if (const auto* paths = std::get_if<Paths>(&layer.shape)) return paths;
  return std::get_if<Curve>(&layer.shape);
}

bool is_drawn(const Layer& layer) {
  const Vertices* vertices = vertices_of(layer);
  return vertices && vertices->count() > 0;
}

void line(Marks& marks, const PlotView& view, const Vertices& vertices, std::size_t begin,
          std::size_t end, ImU32 colour, bool thin) {
  for (std::size_t i = begin; i < end; ++i)
    marks.vertex(view.at(vertices.x[i], vertices.y[i]), thin ? with_alpha(colour, 0.5f) : colour,
                 thin ? 1.0f : 1.6f);
  marks.end_line();
}

}  // namespace

bool has_preview(const Plot& plot) {
  return std::any_of(plot.layers.begin(), plot.layers.end(), is_drawn);
}

void draw_preview(Ui& ui, const Plot& plot, const Rect& area) {
  const PlotView view = fit(plot, area);
  for (const Layer& layer : plot.layers) {
    if (const auto* points = std::get_if<Points>(&layer.shape)) {
      for (std::size_t i = 0; i < points->count(); ++i)
        ui.marks().dot(view.at(points->x[i], points->y[i]), 1.35f,
                       element_colour(ui.colours(), layer, i));
    } else if (const auto* paths = std::get_if<Paths>(&layer.shape)) {
      const bool thin = layer.faint || paths->size() > 24;
      for (std::size_t k = 0; k < paths->size(); ++k) {
        const auto [begin, end] = paths->range(k);
        line(ui.marks(), view, *paths, begin, end, element_colour(ui.colours(), layer, k), thin);
      }
    } else if (const auto* curve = std::get_if<Curve>(&layer.shape)) {
      line(ui.marks(), view, *curve, 0, curve->count(), layer_colour(ui.colours(), layer),
           layer.faint);
    }
  }
  ui.marks().draw(ui.draw());
}

}  // namespace neural_ode::web
