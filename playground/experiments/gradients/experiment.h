// Every way to differentiate through one solve, side by side: how wrong, how dear, how large.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& gradients_info();
std::unique_ptr<Experiment> make_gradients();
inline constexpr ExperimentEntry gradients_entry{"gradients", gradients_info, make_gradients};

}  // namespace neural_ode
