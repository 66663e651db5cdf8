// The part of a plot that the person looks at: moved by dragging, enlarged by the wheel, and the
// whole again by a double click.
#pragma once

#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// Relative to what the axes ask for, so that it keeps its meaning when they or the screen change.
struct PlotWindow {
  double zoom_x = 1, zoom_y = 1;  // 2: half of the axis is seen
  double dx = 0, dy = 0;          // where the middle lies, in spans of the axes

  bool whole() const { return zoom_x == 1 && zoom_y == 1 && dx == 0 && dy == 0; }
};

PlotView seen_through(const PlotWindow& window, PlotView view);

// Enlarges by `factor` about a point of the screen, which stays where it is. `fitted` is the view
// of the whole.
void zoom_about(PlotWindow& window, const PlotView& fitted, ImVec2 at, double factor);
// Through which `fitted` shows what `seen` does.
PlotWindow window_onto(const PlotView& seen, const PlotView& fitted);
void drag_by(PlotWindow& window, const PlotView& fitted, ImVec2 pixels);

}  // namespace neural_ode::web
