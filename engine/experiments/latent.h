// Learn a latent motion from irregular observations of many series.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& latent_info();
std::unique_ptr<Experiment> make_latent();

}  // namespace neural_ode
