// Learn a mechanical motion with and without its physics built in.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& physics_info();
std::unique_ptr<Experiment> make_physics();

}  // namespace neural_ode
