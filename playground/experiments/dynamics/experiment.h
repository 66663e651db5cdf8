// Fit a vector field to observed trajectories.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& dynamics_info();
std::unique_ptr<Experiment> make_dynamics();
inline constexpr ExperimentEntry dynamics_entry{"dynamics", dynamics_info, make_dynamics};

}  // namespace neural_ode
