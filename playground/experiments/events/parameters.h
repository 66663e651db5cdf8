// What can be set in `events`, read once a run.
#pragma once

#include "engine/core/result.h"
#include "engine/data/bouncing_ball.h"
#include "engine/gradient/gradient.h"
#include "engine/nn/activation.h"
#include "engine/ode/solver_options.h"
#include "playground/contract/experiment.h"

namespace neural_ode::events {

struct Options {
  bool thrown = false;  // or let fall
  double noise = 0, duration = 0;
  BouncingBall truth;
  int balls = 0, points = 0;
  bool curriculum = false;
  int batch = 0;
  int hidden = 0;  // units of the networks; 0: none
  int layers = 0;
  Activation activation = Activation::tanh;
  SolverOptions solver;
  const GradientStrategy* gradient = nullptr;
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::events
