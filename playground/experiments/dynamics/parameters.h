// What can be set in `dynamics`, read once a run.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/result.h"
#include "engine/gradient/gradient.h"
#include "engine/nn/activation.h"
#include "engine/ode/solver.h"
#include "playground/contract/experiment.h"

namespace neural_ode::dynamics {

inline constexpr std::int64_t default_steps = 1000;

struct Options {
  std::string data;  // of known_data, or "own"
  double noise = 0, missing = 0;
  int trajectories = 0, points = 0;  // of known data
  double train_span = 1;
  int window = 0;
  bool curriculum = false;
  bool is_linear = false;  // dy/dt = A y; else a network
  bool takes_time = false;
  int augment = 0;
  bool trains_starts = false;
  double continuity = 0;
  int hidden = 0, layers = 0;
  Activation activation = Activation::tanh;
  SolverOptions solver;
  const GradientStrategy* gradient = nullptr;
  int batch = 0;
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::dynamics
