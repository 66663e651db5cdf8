// Two methods on one system, side by side: where they go, how wrong they are, what they cost.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& solvers_info();
std::unique_ptr<Experiment> make_solvers();
inline constexpr ExperimentEntry solvers_entry{"solvers", solvers_info, make_solvers};

}  // namespace neural_ode
