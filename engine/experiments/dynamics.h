// Fit a vector field to observed trajectories.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& dynamics_info();
std::unique_ptr<Experiment> make_dynamics();

}  // namespace neural_ode
