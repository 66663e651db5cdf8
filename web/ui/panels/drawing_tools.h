// Data drawn on the picture: the tools, and what the pointer does with them.
#pragma once

#include "web/ui/panels/view_state.h"

namespace neural_ode::web {

// Drawn on with the pointer held, whatever the data; no plane: it has no axes.
bool is_pad(const Plot& plot);
bool can_draw(const View& view, const Plot& plot);

// Class switch, eraser, undo and clear, over the lower left of the plot.
void draw_tools(View& view, const Rect& area, const Plot& plot);
// What was drawn a moment ago, until a frame shows it: the trainer may be in the middle of a step.
void draw_ink(View& view, const PlotView& plot_view, const Plot& plot);
// A tap sets a point, a drag a row of them.
void draw_on(View& view, const Press& press, const PlotView& plot_view, const Plot& plot);
// Who draws goes on drawing where he is: the window moves as the axes do, so that what is seen
// stays. `fitted`: the view of the whole.
void hold_view(State& state, const Plot& plot, const PlotView& fitted);

}  // namespace neural_ode::web
