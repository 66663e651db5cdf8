// The layers of a plot in SVG: a function for each type of shape.
#pragma once

#include <cstddef>
#include <string_view>

#include "playground/picture/frame.h"
#include "playground/picture/write/svg_markup.h"

namespace neural_ode::svg {

// Where a plot is in the drawing, and what its sides show.
struct Area {
  double left, top, width, height;
  Axis horizontal, vertical;

  double x(double value) const;
  double y(double value) const;
};

void draw_layer(Markup& svg, const Area& area, const Layer& layer);

// "M1.00 2.00L3.00 4.00": vertices `first` to `last` - 1.
Markup polyline(const Area& area, const Vertices& vertices, std::size_t first, std::size_t last);

struct Pen {
  std::string_view colour;
  double width, opacity = 1;
  bool dashed = false;
};
void stroke(Markup& svg, const Markup& path, const Pen& pen);

}  // namespace neural_ode::svg
