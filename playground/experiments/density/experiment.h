// Learn a density: continuous normalising flows by maximum likelihood or flow matching.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& density_info();
std::unique_ptr<Experiment> make_density();
inline constexpr ExperimentEntry density_entry{"density", density_info, make_density};

}  // namespace neural_ode
