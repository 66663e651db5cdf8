// The cells of heatmaps and images in SVG: how many, and of which color.
#pragma once

#include <string>

#include "playground/picture/frame.h"

namespace neural_ode::svg {

// The last picture of a heatmap, with cells that are a third as wide where they are few: values
// between cell centers are interpolated, as in the page. Its z holds nx x ny values at least.
Layer refined(const Layer& layer);
std::string cell_colour(const Layer& layer, float value);

}  // namespace neural_ode::svg
