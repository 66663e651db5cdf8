// Learn a mechanical motion with and without its physics built in.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& physics_info();
std::unique_ptr<Experiment> make_physics();
inline constexpr ExperimentEntry physics_entry{"physics", physics_info, make_physics};

}  // namespace neural_ode
