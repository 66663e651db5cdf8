// The experiment `filter`: a state that flows between irregular observations and jumps at them.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& filter_info();
std::unique_ptr<Experiment> make_filter();

}  // namespace neural_ode
