// Learn the law, the surface and the rebound of a ball from noisy heights.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& events_info();
std::unique_ptr<Experiment> make_events();

}  // namespace neural_ode
