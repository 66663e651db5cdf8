// What can be set in `physics`, read once a run.
#pragma once

#include <string>

#include "engine/core/result.h"
#include "engine/data/mechanical_systems.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mechanical_model.h"
#include "engine/nn/activation.h"
#include "engine/ode/solver_options.h"
#include "playground/contract/experiment.h"

namespace neural_ode::physics {

struct Options {
  const MechanicalSystem* system = nullptr;
  double noise = 0, friction = 0;
  int trajectories = 0, points = 0;
  int window = 0;  // the longest that is wanted
  int batch = 0;
  std::string model;  // its name
  MechanicalLaw law = MechanicalLaw::plain;
  double physics_weight = 0;
  int hidden = 0, layers = 0;
  Activation activation = Activation::tanh;
  SolverOptions solver;
  const GradientStrategy* gradient = nullptr;
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::physics
