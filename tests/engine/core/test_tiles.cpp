// How batches are cut.
#include <doctest/doctest.h>

#include "engine/core/tiles.h"

using namespace neural_ode;

TEST_CASE("tiles: as few as hold the batch, equal but for the last, and nobody left out") {
  for (Index batch = 1; batch < 300; batch += 1 + batch / 40) {
    for (const Index most : {1, 7, 32, 128}) {
      for (const Index multiple : {1, 6}) {
        CAPTURE(batch);
        CAPTURE(most);
        CAPTURE(multiple);
        const Tiles tiles = equal_tiles(batch, most, multiple);
        CHECK(tiles.width % multiple == 0);
        CHECK(tiles.width < most + multiple);
        CHECK(tiles.count <= (batch + most - 1) / most);
        Index next = 0;
        for (Index i = 0; i < tiles.count; ++i) {
          CHECK(tiles.first(i) == next);
          CHECK(tiles.columns(i) > 0);
          if (i + 1 < tiles.count) CHECK(tiles.columns(i) == tiles.width);
          next += tiles.columns(i);
        }
        CHECK(next == batch);
      }
    }
  }
}
