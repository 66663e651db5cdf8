// The legend beside a plot: one row for each labelled layer, and the scale of coloured points.
#pragma once

#include "playground/picture/write/svg_markup.h"

namespace neural_ode::svg {

// What it needs to the right of the plot; 0 where Plot::legend_beside is not set.
double legend_width(const Plot& plot);
// From (left, top) down, not longer than `height`.
void draw_legend_beside(Markup& svg, const Plot& plot, double left, double top, double height);

}  // namespace neural_ode::svg
