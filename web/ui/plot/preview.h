// Thumbnails: points, paths and curves of a plot without its axes.
#pragma once

#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

bool has_preview(const Plot& plot);
void draw_preview(Ui& ui, const Plot& plot, const Rect& area);

}  // namespace neural_ode::web
