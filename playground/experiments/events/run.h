// What one run of `events` holds: its picture is drawn from it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "engine/core/types.h"
#include "engine/gradient/hybrid.h"
#include "engine/models/bouncing_ball.h"
#include "playground/experiments/events/parameters.h"

namespace neural_ode::events {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Scores {
  double test_loss = unknown, extrapolation_mse = unknown;
  double gravity = unknown, restitution = unknown, floor = unknown;
};

struct Run {
  Options options;
  Matrix<double> start;               // 2 x B, exact
  Matrix<double> times, heights;      // T x 1; T x B, with noise
  Matrix<double> long_times;          // of the picture: the observed span and what comes after it
  std::vector<Matrix<double>> exact;  // 2 x B at these

  std::unique_ptr<BallParameters<float>> parameters;
  std::unique_ptr<BallField<float>> field;
  std::unique_ptr<BallSurface<float>> surface;
  std::unique_ptr<HybridSolve<float>> training, following;  // of a step; over the long times
  SolveReport backward;                                     // of the last step
  std::vector<Matrix<float>> learnt;                        // as exact; empty: the solve failed
  Scores scores;

  Index balls() const { return heights.cols(); }
  Index observed_rows(std::int64_t step) const;  // times that count at this step of the curriculum
};

inline constexpr char gravity_curve[] = "gravity", restitution_curve[] = "restitution";

}  // namespace neural_ode::events
