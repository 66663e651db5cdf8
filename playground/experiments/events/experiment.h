// Learn the law, the surface and the rebound of a ball from noisy heights.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& events_info();
std::unique_ptr<Experiment> make_events();
inline constexpr ExperimentEntry events_entry{"events", events_info, make_events};

}  // namespace neural_ode
