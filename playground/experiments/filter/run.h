// What one run of `filter` holds: its picture is drawn from it.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "engine/core/types.h"
#include "engine/models/series_filter.h"
#include "playground/experiments/filter/own_series.h"
#include "playground/experiments/filter/parameters.h"

namespace neural_ode::filter {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Mean squared errors against the exact values of the test's series, all observations but the first
// of each.
struct Scores {
  double jump = unknown, recurrent = unknown, last = unknown;
};

struct Run {
  Options options;
  std::unique_ptr<SeriesFilter<float>> jump, recurrent;
  Index recurrent_offset = 0;  // of its parameters in theta
  Series test;
  SeriesBatch<float> shown;                 // the first series of the test
  OwnSeries own;                            // where they are learnt; its units are 1 else
  double shown_from = 0;                    // the model's time at the beginning of what is shown
  Count nfe_forward = 0, nfe_backward = 0;  // of the last step
  Scores scores;
  // Of gaps by length, as many each: their mean length and errors of jump, recurrent, last value.
  std::vector<double> gap;
  std::vector<double> gap_error[3];

  Index dim() const { return options.jump.data_dim; }
  // As the person has them.
  double time(double t) const { return own.units.t.from_model(shown_from + t); }
  double value(Index d, double x) const {
    return own.units.y[static_cast<std::size_t>(d)].from_model(x);
  }
  VectorIn<float> jump_theta(const Vector<float>& theta) const {
    return theta.head(recurrent_offset);
  }
  VectorIn<float> recurrent_theta(const Vector<float>& theta) const {
    return theta.tail(theta.size() - recurrent_offset);
  }
};

inline constexpr char recurrent_curve[] = "recurrent";

}  // namespace neural_ode::filter
