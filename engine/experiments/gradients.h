// Every way to differentiate through one solve, side by side: how wrong, how dear, how large.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& gradients_info();
std::unique_ptr<Experiment> make_gradients();

}  // namespace neural_ode
