// The values of a plot's curves at one place of its x axis.
#pragma once

#include "web/ui/plot/legend.h"
#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// A line at `x` (data), a dot on every labelled curve, and a card with their values beside it.
// Nothing when there is no such curve.
void draw_readout(Ui& ui, const HiddenLayers& hidden, const PlotView& view, const Plot& plot,
                  double x);

}  // namespace neural_ode::web
