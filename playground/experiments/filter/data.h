// The series that `filter` learns from.
#pragma once

#include <vector>

#include "engine/core/rng.h"
#include "engine/models/series_batch.h"
#include "playground/experiments/filter/parameters.h"

namespace neural_ode::filter {

// Series at times of their own, and what is observed of them.
struct Series {
  SeriesBatch<float> seen;
  Matrix<float> exact;             // D x T B, as seen.x
  std::vector<double> fine_times;  // at these the first series is wanted too
  Matrix<double> fine;             // D x fine_times
};

void draw(const Options& options, Rng& rng, Index count, Series& series);

}  // namespace neural_ode::filter
