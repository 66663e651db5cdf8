// A path on the screen up to the scrubber's time.
#pragma once

#include <utility>
#include <vector>

#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

std::size_t paths_in(const Layer& layer);
// The vertices of path k: from first to second, which is not among them.
std::pair<std::size_t, std::size_t> path_range(const Layer& layer, std::size_t k);

// Vertices `begin` to `end` of a layer of paths, smooth or not, and where it is animated only up to
// `time`. `along`: at which vertex each point lies, in between with a fraction.
void trail(const PlotView& view, const Layer& layer, std::size_t begin, std::size_t end,
           double time, std::vector<ImVec2>& line, std::vector<float>* along = nullptr);

}  // namespace neural_ode::web
