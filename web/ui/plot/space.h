// Plots in space: drawn as the camera sees them, which turns with the pointer, the arrow keys, or
// by itself.
#pragma once

#include "playground/picture/camera.h"
#include "web/ui/plot/legend.h"
#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// How a person, or else time, has turned a plot.
struct Orbit {
  Camera camera;
  bool touched = false;  // by hand: it stays where it was put
};

// The whole of what can be seen, in `area`.
PlotView fit_space(const Rect& area);
// Animated layers as they are at `time`.
void draw_space(Ui& ui, const PlotView& plot_view, const Plot& plot, const Camera& camera,
                double time, const HiddenLayers& hidden);

struct Turning {
  bool keys = false;   // it is the large picture, which the arrow keys turn and any drag
  double seconds = 0;  // that it turns by itself, if nobody has touched it
};
// With the pointer that holds it, with keys, by itself; a double click restores it. After the press
// of the plot.
void turn_space(Ui& ui, Orbit& orbit, const Press& press, const Turning& turning);

}  // namespace neural_ode::web
