// Where data lie on the screen, and the axes that say so.
#pragma once

#include "playground/picture/frame.h"
#include "web/ui/toolkit/ui.h"

namespace neural_ode::web {

// The window of data that a rectangle of the screen shows.
struct PlotView {
  Rect area;
  double x0 = 0, x1 = 1, y0 = 0,
         y1 = 1;  // data at the left, right, bottom, top edge (log10 where logarithmic)
  bool log_x = false, log_y = false;

  ImVec2 at(double x, double y) const;
  // Data under a point of the screen, logarithms undone.
  double x_at(float screen) const;
  double y_at(float screen) const;
};

// Fits a plot's axes into `area`. Equal aspect keeps the shape: the tighter side is cropped by a
// tenth at most, the other shows a little more than the axes ask for.
PlotView fit(const Plot& plot, const Rect& area);
// The same scale over a larger rectangle.
PlotView grown_to(const PlotView& view, const Rect& area);

enum class AxisStyle {
  inside,
  outside
};  // labels over the picture, or in the margin that `margins` leaves
// Faint grid lines, and labels at round numbers.
void draw_axes(Ui& ui, const PlotView& view, AxisStyle style);

}  // namespace neural_ode::web
