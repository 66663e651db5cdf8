// What can be set in `gradients`, read once a run.
#pragma once

#include <string>
#include <vector>

#include "engine/fields/systems.h"
#include "engine/nn/activation.h"
#include "engine/ode/solver_options.h"
#include "playground/contract/experiment.h"

namespace neural_ode::gradients {

struct Options {
  std::string data;                // the system's name, or "network"
  const System* system = nullptr;  // null: the network
  double rate = 0;                 // of the system that has one
  double duration = 0;             // in time
  int outputs = 0;
  int hidden = 0, layers = 0;  // of the network
  Activation activation = Activation::tanh;
  SolverOptions solver;
  int checkpoints = 0;

  std::vector<double> output_times(double end) const;  // from 0, of the loss
};

Options read_options(const Settings& settings);

}  // namespace neural_ode::gradients
