// The experiment `filter`: a state that flows between irregular observations and jumps at them.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& filter_info();
std::unique_ptr<Experiment> make_filter();
inline constexpr ExperimentEntry filter_entry{"filter", filter_info, make_filter};

}  // namespace neural_ode
