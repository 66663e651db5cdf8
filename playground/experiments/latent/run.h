// What one run of `latent` holds: its picture is drawn from it.
#pragma once

#include <array>
#include <limits>
#include <memory>

#include "engine/core/types.h"
#include "engine/models/latent_model.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/latent/data.h"
#include "playground/experiments/latent/fit.h"
#include "playground/experiments/latent/parameters.h"
#include "playground/experiments/latent/query.h"

namespace neural_ode::latent {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Scores {
  double rmse = unknown, extrapolation_rmse = unknown;
  double loss = unknown, elbo = unknown, kl = unknown;
};

struct Run {
  Options options;
  Data data;
  std::unique_ptr<LatentModel<float>> model;  // null: the settings cannot be run
  Query query;
  Scores scores;
  SeriesBatch<float> test_seen, test_target;
  Matrix<double> truth_times;                            // 2T x test series
  Matrix<float> test_mean, test_log_variance, test_eps;  // L x test series
  // Of the plot of codes: the two coordinates in which those of the test series differ most.
  std::array<Index, 2> axes = {0, 0};
  bool axes_known = false;  // they are of a score of this run
  Vector<float> dragged;    // L; empty: no code was dragged
  Fit fit;
};

// --- scores.cpp
// Fills run.scores, and encodes the test series. kl_weight: of the loss.
void score(Run& run, const Vector<float>& theta, double kl_weight);

// --- edits.cpp
// Adds and removes observations of the series in the picture.
Status edit_series(Run& run, const Edit& edit);
// Moves the code that is decoded beside the fit to (x, y) on the axes, or puts it back.
Status edit_code(Run& run, const Vector<float>& theta, const Edit& edit);

}  // namespace neural_ode::latent
