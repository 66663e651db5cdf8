// Data drawn on the picture: the tools, and what the pointer does with them.
#pragma once

#include "web/ui/panels/view_state.h"

namespace neural_ode::web {

bool can_draw(const View& view, const Plot& plot);

// Class switch, eraser, undo and clear, over the lower left of the plot.
void draw_tools(View& view, const Rect& area, const Plot& plot);
// What was drawn a moment ago, until a frame shows it: the trainer may be in the middle of a step.
void draw_ink(View& view, const PlotView& plot_view, const Plot& plot);
// The pointer is at (x, y) in data.
void draw_on(View& view, const Press& press, const PlotView& plot_view, const Plot& plot, double x,
             double y);

}  // namespace neural_ode::web
