// A path on the screen up to the scrubber's time.
#pragma once

#include <cstddef>
#include <vector>

#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// Path k of several, smooth or not, and where they are animated only up to `time`. `along`: at which
// vertex each point lies, in between with a fraction.
void trail(const PlotView& view, const Paths& paths, std::size_t k, double time,
           std::vector<ImVec2>& line, std::vector<float>* along = nullptr);

}  // namespace neural_ode::web
