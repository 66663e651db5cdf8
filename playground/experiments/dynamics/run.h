// What one run of `dynamics` holds: its picture is drawn from it.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "engine/core/types.h"
#include "engine/data/windows.h"
#include "engine/fields/mlp_field.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/solver.h"
#include "engine/train/multiple_shooting.h"
#include "playground/experiments/dynamics/data.h"
#include "playground/experiments/dynamics/parameters.h"

namespace neural_ode::dynamics {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Scores {
  double test_loss = unknown, trajectory_mse = unknown, extrapolation_mse = unknown;
};

struct Run {
  Options options;
  ObservedMotions data;
  std::vector<WindowRange> train_ranges, test_ranges;
  std::vector<Segment> segments;    // none: initial states are observed
  double t_begin = 0, t_end = 0;    // of all motions
  int window = 0, test_window = 0;  // what fits into the ranges; 0: nothing does
  WindowBatch held_out;
  Index dim = 2;                           // D: of the state, what nobody observes included
  std::unique_ptr<MlpField<float>> field;  // null: the settings cannot be run
  std::unique_ptr<Gradient<float>> gradient;
  std::unique_ptr<Solver<float>> solver;
  Scores scores;

  bool trains_starts() const { return !segments.empty(); }
  // The trained initial states in theta or in its cotangent, D x segments.
  Eigen::Map<const Matrix<float>> starts(const Vector<float>& theta) const {
    return {theta.data() + field->parameter_count(), dim, static_cast<Index>(segments.size())};
  }
  Eigen::Map<Matrix<float>> starts(Vector<float>& theta) const {
    return {theta.data() + field->parameter_count(), dim, static_cast<Index>(segments.size())};
  }
};

// --- scores.cpp
// Solutions of the learnt field from the start of every motion, at times (T x B).
const std::vector<Matrix<float>>& learnt(const Run& run, const Vector<float>& theta,
                                         const Matrix<double>& times);
Scores score(const Run& run, const Vector<float>& theta);
// The largest error of an entry of the matrix, where there is one to compare with; else NaN.
double matrix_error(const Run& run, const Vector<float>& theta);

}  // namespace neural_ode::dynamics
