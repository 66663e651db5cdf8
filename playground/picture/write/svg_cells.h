// The cells of heatmaps and images in SVG: how many, and of which color.
#pragma once

#include <string>

#include "playground/picture/layers.h"

namespace neural_ode::svg {

// The last picture of a heatmap, with cells that are a third as wide where they are few: values
// between cell centers are interpolated, as in the page. It has a picture.
Heatmap refined(const Heatmap& heatmap);
std::string cell_colour(const Heatmap& heatmap, float value);
std::string cell_colour(const Image& image, float value);

}  // namespace neural_ode::svg
