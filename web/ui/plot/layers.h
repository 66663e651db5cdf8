// One drawing routine for each type of shape. Adding a type: a routine and a line in draw_layer.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "web/ui/plot/heatmap.h"
#include "web/ui/plot/particles.h"
#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// What drawings remember between frames, and what they need to know about now.
struct LayerContext {
  Heatmaps heatmaps;
  std::unordered_map<std::string, Particles> particles;  // by plot and layer
  double time = 0;                                       // of the t-scrubber
  bool streams = true;        // fields as particles; as arrows where motion is not wanted
  float dt = 0;               // seconds since the last frame; 0 while everything rests
  std::uint64_t version = 0;  // of the frame's values
};

// The colour of a layer that is not coloured by class.
ImU32 layer_colour(const Theme& theme, const Layer& layer);
// Of one of its points or paths.
ImU32 element_colour(const Theme& theme, const Layer& layer, std::size_t element);

void draw_layer(Ui& ui, LayerContext& context, const PlotView& view, const Layer& layer,
                const std::string& key);

}  // namespace neural_ode::web
