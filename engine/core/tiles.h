// How a batch is cut into tiles. It depends on nothing but its size, and so do the bits of whatever
// is summed tile by tile.
#pragma once

#include <algorithm>

#include "engine/core/types.h"

namespace neural_ode {

struct Tiles {
  Index batch = 0, width = 0, count = 0;

  Index first(Index tile) const { return tile * width; }
  Index columns(Index tile) const { return std::min(width, batch - first(tile)); }
};

// As few tiles as hold at most about `most` columns each, of equal width but for the last: the next
// multiple of `multiple`.
inline Tiles equal_tiles(Index batch, Index most, Index multiple = 1) {
  const auto parts = [batch](Index width) { return (batch + width - 1) / width; };
  Index width = parts(parts(most));
  width += (multiple - width % multiple) % multiple;
  return {batch, width, parts(width)};
}

}  // namespace neural_ode
