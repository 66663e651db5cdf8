// The parameters of `density`, and the words about it.
#pragma once

#include "engine/experiments/experiment.h"

namespace neural_ode {

ExperimentInfo density_info();

}  // namespace neural_ode
