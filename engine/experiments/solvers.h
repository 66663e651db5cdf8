// Two methods on one system, side by side: where they go, how wrong they are, what they cost.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& solvers_info();
std::unique_ptr<Experiment> make_solvers();

}  // namespace neural_ode
