// Learn a density: continuous normalising flows by maximum likelihood or flow matching.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& density_info();
std::unique_ptr<Experiment> make_density();

}  // namespace neural_ode
