// What one run of `digits` holds: its picture is drawn from it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "engine/core/types.h"
#include "engine/models/ode_net.h"
#include "playground/experiments/digits/board.h"
#include "playground/experiments/digits/images.h"
#include "playground/experiments/digits/parameters.h"

namespace neural_ode::digits {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Evaluations and error of the same images at several tolerances; Figure 3a of [chen2018].
struct ToleranceCost {
  double tolerance = 0, nfe = 0, error = 0;
};

struct Scores {
  DigitGuesses guesses;
  double loss = unknown, accuracy = unknown;
  std::vector<ToleranceCost> tolerance_costs;
};

struct Run {
  using Model = OdeNet<float>;

  Options options;
  DigitImages images;
  LabelledImages train, test;    // of `images`
  std::unique_ptr<Model> model;  // null: the settings cannot be run, or there are no images
  std::int64_t steps_per_epoch = 1;
  Scores scores;
};

inline constexpr char accuracy_curve[] = "accuracy";
// Of a step, of its slowest image: evaluations forward, vector-Jacobian products backward.
inline constexpr char nfe_curve[] = "nfe_forward", nvjp_curve[] = "nvjp";

// --- scores.cpp
// The loss and the guesses of the first `count` test images.
Scores score(const Run& run, const Vector<float>& theta, int count);
// The class that a sample is taken for.
int largest(const Matrix<float>& logits, Index sample);

inline constexpr double pixel_mean = 0.1307, pixel_deviation = 0.3081;  // of MNIST

}  // namespace neural_ode::digits
