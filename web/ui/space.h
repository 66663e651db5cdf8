// Plots in space: drawn as the camera sees them, which turns with the pointer, the arrow keys, or
// by itself.
#pragma once

#include "engine/experiments/camera.h"
#include "web/ui/plot_view.h"

namespace neural_ode::web {

struct View;
struct Press;

// How a person, or else time, has turned a plot.
struct Orbit {
  Camera camera;
  bool touched = false;  // by hand: it stays where it was put
};

// The whole of what can be seen, in `area`.
PlotView fit_space(const Rect& area);
void draw_space(View& view, const PlotView& plot_view, const Plot& plot);
// Turns by itself while the run plays, with the pointer that holds it, and in the large place with
// the arrow keys, too; a double click restores it. After the press of the plot.
void turn_space(View& view, const Plot& plot, const Press& press, bool is_hero);

}  // namespace neural_ode::web
