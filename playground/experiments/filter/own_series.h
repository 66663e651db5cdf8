// A person's own series for `filter`: windows of observations that follow each other.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/rng.h"
#include "engine/data/trajectories.h"
#include "playground/experiments/filter/data.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/own_data/units.h"

namespace neural_ode::filter {

struct OwnSeries {
  struct Window {
    std::size_t series = 0;
    Index first = 0;
  };
  std::vector<Trajectory>
      series;  // D x T: observations with all coordinates, in units of the model
  Units units;
  std::array<std::string, 3> names = {"t", "x", "y"};
  Index dim = 1;     // D
  Index length = 0;  // observations of a window
  // Of four series and more every fourth is kept for the test, of fewer the last quarter of each.
  std::vector<Window> train, test;
};

// Windows of `observations`, or of fewer where the series are short. Why there are none yet, and
// what to do.
Result<OwnSeries> cut_series(const OwnTrajectories& own, int observations);

// `count` windows of the training part, any of them as likely.
void draw(const OwnSeries& own, Rng& rng, Index count, Series& series);
// At most `most` windows of the test, spread over all of it; what is seen is all that is known.
void take_test(const OwnSeries& own, Index most, Series& series);

}  // namespace neural_ode::filter
