// Images as columns: pixel (row, column) of channel c is entry (row * width + column) * channels +
// c.
//
// Channels lie side by side, so that a state of B images is, as it lies in memory, a matrix of
// channels x (pixels B): what a convolution writes with one product, and what sums over pixels read
// a vector of channels at a time.
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

struct ImageShape {
  int channels = 1, height = 1, width = 1;
  Index pixels() const { return Index{height} * width; }
  Index size() const { return pixels() * channels; }
  bool operator==(const ImageShape&) const = default;
};

}  // namespace neural_ode
